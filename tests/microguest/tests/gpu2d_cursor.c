/* The cursor queue: an image, moves, a hidden cursor, and requests that make no sense. */
#include "core/memory.h"
#include "core/report.h"
#include "gpu/picture.h"
#include "tests/gpu2d.h"

#define CURSOR  50
#define UNKNOWN 0x7fff
#define MOVES   64

/* Opaque arrow of pattern 5 (x <= y), transparent elsewhere. */
static void fill_image(uint32_t *pixels)
{
    for (uint32_t y = 0; y < VIRTIO_GPU_CURSOR_SIZE; y++)
        for (uint32_t x = 0; x < VIRTIO_GPU_CURSOR_SIZE; x++)
            pixels[y * VIRTIO_GPU_CURSOR_SIZE + x] =
                x <= y ? picture_encode(VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, picture_pixel(5, x, y)) : 0;
}

static bool update(struct gpu *gpu, uint32_t type, uint32_t scanout, uint32_t resource, uint32_t x,
                   uint32_t y)
{
    struct virtio_gpu_update_cursor command = {{.type = type}, {scanout, x, y, 0}, resource, 3, 4, 0};
    return check(gpu_cursor_command(gpu, &command), "cursor command %x scanout %u resource %u expected used",
                 type, scanout, resource);
}

void gpu2d_check_cursor(struct gpu *gpu)
{
    const struct virtio_gpu_rect whole = {0, 0, VIRTIO_GPU_CURSOR_SIZE, VIRTIO_GPU_CURSOR_SIZE};
    const uint32_t bytes = VIRTIO_GPU_CURSOR_SIZE * VIRTIO_GPU_CURSOR_SIZE * 4;
    uint32_t *image = memory_allocate(bytes, PAGE_SIZE);
    fill_image(image);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
           gpu_resource_create_2d(gpu, CURSOR, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, whole.width, whole.height));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_attach_memory(gpu, CURSOR, image, bytes));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_transfer_to_host_2d(gpu, CURSOR, whole, 0));

    bool alive = update(gpu, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, CURSOR, 100, 80);
    for (uint32_t i = 0; alive && i < MOVES; i++)
        alive = update(gpu, VIRTIO_GPU_CMD_MOVE_CURSOR, 0, CURSOR, 100 + 3 * i, 80 + 2 * i);
    if (!alive)
        return;
    update(gpu, VIRTIO_GPU_CMD_MOVE_CURSOR, 0, CURSOR, 0xffffffff, 0x80000000);
    update(gpu, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, UNKNOWN, 0, 0);
    update(gpu, VIRTIO_GPU_CMD_UPDATE_CURSOR, gpu->scanouts, CURSOR, 0, 0);
    update(gpu, VIRTIO_GPU_CMD_MOVE_CURSOR, 0xffffffff, CURSOR, 0, 0);
    update(gpu, VIRTIO_GPU_CMD_SET_SCANOUT, 0, CURSOR, 0, 0);
    report_event("cursor scanout=0 x=%u y=%u hot_x=3 hot_y=4", 100 + 3 * (MOVES - 1), 80 + 2 * (MOVES - 1));
    update(gpu, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, CURSOR, 100 + 3 * (MOVES - 1), 80 + 2 * (MOVES - 1));
    /* The image may vanish while it is shown. */
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(gpu, CURSOR));
    update(gpu, VIRTIO_GPU_CMD_MOVE_CURSOR, 0, CURSOR, 10, 10);
    update(gpu, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 0, 10, 10);
}
