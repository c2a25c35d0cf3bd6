/* Fences of many submissions in flight. */
#include "core/cmdline.h"
#include "core/memory.h"
#include "core/report.h"
#include "gpu/pipeline.h"
#include "tests/gpu3d.h"

#define IN_FLIGHT   16
#define FENCE_TESTS 256

/* Every fence comes back once, with its context, and on one timeline in order. */
void gpu3d_check_fences(struct gpu *gpu)
{
    struct gpu_pipeline pipeline = gpu_pipeline_create(gpu, IN_FLIGHT);
    struct texture texture;
    struct virgl_stream stream = virgl_stream_create();
    if (!texture_create(gpu, &texture, GPU3D_CONTEXT, 14))
        return;
    virgl_create_surface(&stream, 1, texture.resource, VIRGL_FORMAT_B8G8R8A8_UNORM);
    virgl_set_framebuffer(&stream, 1);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_submit_3d(gpu, GPU3D_CONTEXT, stream.dwords, stream.count));
    stream.count = 0;
    virgl_clear(&stream, (struct virgl_color){FLOAT_1_4, FLOAT_1_4, FLOAT_1, FLOAT_1});

    uint64_t sent = 0, received = 0, first = gpu->next_fence;
    while (received < FENCE_TESTS) {
        struct virtio_gpu_cmd_submit command = {.hdr = {.type = VIRTIO_GPU_CMD_SUBMIT_3D,
                                                        .flags = VIRTIO_GPU_FLAG_FENCE,
                                                        .fence_id = first + sent,
                                                        .ctx_id = GPU3D_CONTEXT},
                                                .size = stream.count * 4};
        if (sent < FENCE_TESTS &&
            gpu_pipeline_add(&pipeline, &command, sizeof command, stream.dwords, stream.count * 4)) {
            virtqueue_kick(&gpu->control);
            sent++;
            continue;
        }
        struct gpu_slot *slot = gpu_pipeline_reap(&pipeline, GPU_TIMEOUT_MS);
        if (!check(slot != NULL, "fence %lu expected signalled got silence", first + received))
            return;
        const struct virtio_gpu_ctrl_hdr *answer = gpu_slot_header(slot);
        check(gpu_is_answer(VIRTIO_GPU_RESP_OK_NODATA, answer->type),
              "fenced submission expected OK_NODATA got %s", gpu_response_name(answer->type));
        check((answer->flags & VIRTIO_GPU_FLAG_FENCE) && answer->fence_id == first + received,
              "fence expected %lu got flags %x id %lu", first + received, answer->flags, answer->fence_id);
        check(answer->ctx_id == GPU3D_CONTEXT || cmdline_list_has("peer", "qemu"),
              "ctx_id expected %u got %u", GPU3D_CONTEXT, answer->ctx_id);
        received++;
    }
    gpu->next_fence = first + sent;

    stream.count = 0;
    virgl_set_framebuffer(&stream, 0);
    virgl_destroy_object(&stream, VIRGL_OBJECT_SURFACE, 1);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_submit_3d(gpu, GPU3D_CONTEXT, stream.dwords, stream.count));
    if (texture_read_back(gpu, &texture, GPU3D_CONTEXT))
        texture_check(&texture, (struct virtio_gpu_rect){0, 0, GPU3D_WIDTH, GPU3D_HEIGHT}, 0xff4040ff,
                      "fenced");
    texture_destroy(gpu, &texture, GPU3D_CONTEXT);
}
