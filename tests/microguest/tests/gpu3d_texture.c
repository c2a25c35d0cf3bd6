/* Textures that the guest can read back. */
#include "core/memory.h"
#include "core/report.h"
#include "tests/gpu3d.h"

#define RUBBISH 0x5aa5c33cu

bool texture_create(struct gpu *gpu, struct texture *texture, uint32_t context, uint32_t resource)
{
    struct virtio_gpu_resource_create_3d create = {
        .resource_id = resource,
        .target = PIPE_TEXTURE_2D,
        .format = VIRGL_FORMAT_B8G8R8A8_UNORM,
        .bind = VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SAMPLER_VIEW | VIRGL_BIND_SCANOUT,
        .width = GPU3D_WIDTH,
        .height = GPU3D_HEIGHT,
        .depth = 1,
        .array_size = 1,
    };
    texture->resource = resource;
    texture->pixels = memory_allocate(GPU3D_BYTES, PAGE_SIZE);
    return expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_create_3d(gpu, &create)) &&
           expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
                  gpu_attach_memory(gpu, resource, texture->pixels, GPU3D_BYTES)) &&
           expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_ctx_attach_resource(gpu, context, resource));
}

void texture_destroy(struct gpu *gpu, struct texture *texture, uint32_t context)
{
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_ctx_detach_resource(gpu, context, texture->resource));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_detach_backing(gpu, texture->resource));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(gpu, texture->resource));
}

bool texture_read_back(struct gpu *gpu, struct texture *texture, uint32_t context)
{
    const struct virtio_gpu_box whole = {0, 0, 0, GPU3D_WIDTH, GPU3D_HEIGHT, 1};
    for (uint32_t i = 0; i < GPU3D_WIDTH * GPU3D_HEIGHT; i++)
        texture->pixels[i] = RUBBISH;
    return expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
                  gpu_transfer_3d(gpu, VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D, context, texture->resource,
                                  whole, 0, GPU3D_WIDTH * 4));
}

static bool within_one(uint32_t got, uint32_t expected)
{
    for (int shift = 0; shift < 32; shift += 8) {
        int difference = (int)(got >> shift & 255) - (int)(expected >> shift & 255);
        if (difference < -1 || difference > 1)
            return false;
    }
    return true;
}

void texture_check(const struct texture *texture, struct virtio_gpu_rect r, uint32_t expected,
                   const char *what)
{
    uint32_t wrong = 0, first = 0, first_at = 0;
    for (uint32_t y = r.y; y < r.y + r.height; y++)
        for (uint32_t x = r.x; x < r.x + r.width; x++) {
            uint32_t got = texture->pixels[y * GPU3D_WIDTH + x];
            if (!within_one(got, expected) && wrong++ == 0) {
                first = got;
                first_at = y << 16 | x;
            }
        }
    check(wrong == 0, "%s: %u of %u pixels expected %08x got %08x at x=%u y=%u", what, wrong,
          r.width * r.height, expected, first, first_at & 0xffff, first_at >> 16);
}
