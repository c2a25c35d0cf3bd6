/* Requests about blobs that no device may carry out. */
#include "core/memory.h"
#include "core/report.h"
#include "tests/blob.h"
#include "tests/gpu2d.h"

#define FIRST  1
#define SECOND 2
#define GUEST  3
#define PLAIN  4
#define SIZE   (16 * PAGE_SIZE)

static void refuse_map(struct blob_window *window, uint32_t resource, uint64_t offset)
{
    uint32_t got = blob_map(window, resource, offset);
    check(got >= VIRTIO_GPU_RESP_ERR_UNSPEC, "map of %u at %lx expected refused got %s", resource, offset,
          gpu_response_name(got));
}

static void check_places(struct blob_window *window)
{
    static const uint64_t offsets[] = {1, 2048, SIZE - 1, UINT64_MAX, UINT64_MAX - PAGE_SIZE + 1, 1ul << 63};
    for (uint32_t i = 0; i < sizeof offsets / sizeof *offsets; i++)
        refuse_map(window, FIRST, offsets[i]);
    refuse_map(window, FIRST, window->size);
    refuse_map(window, FIRST, window->size - SIZE + PAGE_SIZE);
}

static void check_overlaps(struct blob_window *window)
{
    expect(window->gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(window, FIRST, SIZE));
    blob_put(window, SIZE, 0x1234);
    refuse_map(window, FIRST, 4 * SIZE);
    refuse_map(window, SECOND, SIZE);
    refuse_map(window, SECOND, SIZE + PAGE_SIZE);
    refuse_map(window, SECOND, PAGE_SIZE);
    check(blob_word(window, SIZE) == 0x1234, "mapping expected untouched by refused ones got %lx",
          blob_word(window, SIZE));
    expect(window->gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(window, SECOND, 2 * SIZE));
    expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_unmap(window, FIRST));
    expect(window->gpu, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, blob_unmap(window, FIRST));
    expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_unmap(window, SECOND));
}

void blob_check_errors(struct blob_window *window)
{
    struct gpu *gpu = window->gpu;
    void *memory = memory_allocate(SIZE, PAGE_SIZE);
    expect(gpu, VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, blob_create(window, 0, SIZE));
    expect(gpu, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, blob_create(window, FIRST, 0));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create(window, FIRST, SIZE));
    expect(gpu, VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, blob_create(window, FIRST, SIZE));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create(window, SECOND, SIZE));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create_of_guest(gpu, GUEST, memory, SIZE));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
           gpu_resource_create_2d(gpu, PLAIN, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, 8, 8));
    refuse_map(window, GUEST, 0);
    refuse_map(window, PLAIN, 0);
    refuse_map(window, 77, 0);
    expect(gpu, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, blob_unmap(window, FIRST));
    expect(gpu, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, blob_unmap(window, PLAIN));
    expect(gpu, VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, blob_unmap(window, 77));
    check_places(window);
    check_overlaps(window);
    for (uint32_t resource = FIRST; resource <= PLAIN; resource++)
        expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(gpu, resource));
}
