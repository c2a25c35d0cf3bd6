/* gpu3d: contexts, capsets, transfers, a virgl clear and a triangle that are read back, fences, errors. */
#include "tests/gpu3d.h"

#include "core/cmdline.h"
#include "core/crc32.h"
#include "core/memory.h"
#include "core/report.h"
#include "tests/tests.h"

void gpu3d_check_capsets(struct gpu *gpu)
{
    bool has_virgl = false;
    check(gpu->capsets > 0, "num_capsets expected >0 got 0");
    for (uint32_t i = 0; i < gpu->capsets; i++) {
        const struct virtio_gpu_resp_capset_info *answer = (void *)gpu->response;
        if (!expect(gpu, VIRTIO_GPU_RESP_OK_CAPSET_INFO, gpu_get_capset_info(gpu, i)))
            continue;
        uint32_t id = answer->capset_id, version = answer->capset_max_version, size = answer->capset_max_size;
        check(size > 0 && size <= GPU_RESPONSE_BYTES - sizeof(struct virtio_gpu_ctrl_hdr),
              "capset %u size expected >0 got %u", id, size);
        expect(gpu, VIRTIO_GPU_RESP_OK_CAPSET, gpu_get_capset(gpu, id, version));
        check(gpu->response_length == size + sizeof(struct virtio_gpu_ctrl_hdr),
              "capset %u response expected %u got %u bytes", id, size + 24, gpu->response_length);
        report_info("capset index=%u id=%u version=%u size=%u crc32=%08x", i, id, version, size,
                    crc32(0, gpu->response + sizeof(struct virtio_gpu_ctrl_hdr), size));
        has_virgl |= id == VIRTIO_GPU_CAPSET_VIRGL || id == VIRTIO_GPU_CAPSET_VIRGL2;
    }
    check(has_virgl, "capset virgl or virgl2 expected offered");
}

bool gpu3d_context_create(struct gpu *gpu, uint32_t context)
{
    uint32_t init = gpu->device.features & VIRTIO_GPU_F_CONTEXT_INIT ? VIRTIO_GPU_CAPSET_VIRGL2 : 0;
    return expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_ctx_create(gpu, context, init, "microguest"));
}

/* The scanout of a 3D resource: one solid colour, for a host to look at. */
static void show(struct gpu *gpu, const struct texture *texture)
{
    const struct virtio_gpu_rect whole = {0, 0, GPU3D_WIDTH, GPU3D_HEIGHT};
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_set_scanout(gpu, 0, texture->resource, whole));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_flush(gpu, texture->resource, whole));
    report_event("solid scanout=0 width=%u height=%u r=255 g=128 b=64 tolerance=1", GPU3D_WIDTH,
                 GPU3D_HEIGHT);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_set_scanout(gpu, 0, 0, (struct virtio_gpu_rect){0, 0, 0, 0}));
}

void gpu3d_check_clear(struct gpu *gpu)
{
    const struct virtio_gpu_rect whole = {0, 0, GPU3D_WIDTH, GPU3D_HEIGHT};
    struct texture texture;
    struct virgl_stream stream = virgl_stream_create();
    if (!texture_create(gpu, &texture, GPU3D_CONTEXT, 10))
        return;
    virgl_create_surface(&stream, 1, texture.resource, VIRGL_FORMAT_B8G8R8A8_UNORM);
    virgl_set_framebuffer(&stream, 1);
    virgl_clear(&stream, (struct virgl_color){FLOAT_1, FLOAT_1_2, FLOAT_1_4, FLOAT_1});
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_submit_3d(gpu, GPU3D_CONTEXT, stream.dwords, stream.count));
    if (texture_read_back(gpu, &texture, GPU3D_CONTEXT))
        texture_check(&texture, whole, 0xffff8040, "clear");

    stream.count = 0;
    virgl_clear(&stream, (struct virgl_color){FLOAT_0, FLOAT_1, FLOAT_3_4, FLOAT_1_2});
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_submit_3d(gpu, GPU3D_CONTEXT, stream.dwords, stream.count));
    if (texture_read_back(gpu, &texture, GPU3D_CONTEXT))
        texture_check(&texture, whole, 0x8000ffbf, "second clear");

    stream.count = 0;
    virgl_clear(&stream, (struct virgl_color){FLOAT_1, FLOAT_1_2, FLOAT_1_4, FLOAT_1});
    virgl_set_framebuffer(&stream, 0);
    virgl_destroy_object(&stream, VIRGL_OBJECT_SURFACE, 1);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_submit_3d(gpu, GPU3D_CONTEXT, stream.dwords, stream.count));
    show(gpu, &texture);
    texture_destroy(gpu, &texture, GPU3D_CONTEXT);
}

void test_gpu3d(void)
{
    struct gpu gpu;
    if (!gpu_open(&gpu, VIRTIO_GPU_F_VIRGL | VIRTIO_GPU_F_EDID | VIRTIO_GPU_F_CONTEXT_INIT |
                            VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX))
        return;
    if (!(gpu.device.features & VIRTIO_GPU_F_VIRGL)) {
        gpu_close(&gpu);
        report_skip("the device does not offer VIRTIO_GPU_F_VIRGL");
        return;
    }
    gpu3d_check_capsets(&gpu);
    if (gpu3d_context_create(&gpu, GPU3D_CONTEXT)) {
        gpu3d_check_clear(&gpu);
        gpu3d_check_transfers(&gpu);
        gpu3d_check_draw(&gpu);
        gpu3d_check_fences(&gpu);
        gpu3d_check_errors(&gpu);
        expect(&gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_ctx_destroy(&gpu, GPU3D_CONTEXT));
    }
    gpu_close(&gpu);
    check(gpu_restart(&gpu), "virtio-gpu after a reset expected to come up");
    if (gpu3d_context_create(&gpu, GPU3D_CONTEXT))
        gpu3d_check_clear(&gpu);
    gpu_close(&gpu);
    report_end("capsets=%u features=%lx refusals=%u", gpu.capsets, gpu.device.features, gpu_refusals());
}
