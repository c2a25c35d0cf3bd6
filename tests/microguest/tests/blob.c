/* blob: memory of the host in the host-visible window, of 4 KiB to 64 MiB, and pictures in blobs. */
#include "tests/blob.h"

#include "core/cmdline.h"
#include "core/memory.h"
#include "core/report.h"
#include "core/tsc.h"
#include "gpu/picture.h"
#include "tests/gpu2d.h"
#include "tests/tests.h"

#define BLOB      1
#define LARGEST   (64ul * ONE_MIB)
#define WIDTH     320 /* unless width= and height= say otherwise */
#define HEIGHT    200
#define PATTERN_1 12
#define PATTERN_2 13

static uint64_t tag(uint64_t size, uint64_t at)
{
    return 0xb10b000000000000ul ^ size << 8 ^ at * 0x9e3779b97f4a7c15ul;
}

static uint64_t count_wrong(const struct blob_window *window, uint64_t base, uint64_t size, bool mapped)
{
    uint64_t wrong = 0;
    for (uint64_t at = 0; at < size; at += PAGE_SIZE) {
        wrong += blob_word(window, base + at) != (mapped ? tag(size, at) : 0);
        wrong += blob_word(window, base + at + PAGE_SIZE - 8) != (mapped ? ~tag(size, at) : 0);
    }
    return wrong;
}

/* What is written through one mapping is there in the next one, elsewhere, and nowhere in between. */
static void check_size(struct blob_window *window, uint64_t size)
{
    uint64_t first = size, second = window->size - size;
    if (!expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create(window, BLOB, size)) ||
        !expect(window->gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(window, BLOB, first)))
        return;
    const struct virtio_gpu_resp_map_info *info = (const void *)window->gpu->response;
    check((info->map_info & VIRTIO_GPU_MAP_CACHE_MASK) == VIRTIO_GPU_MAP_CACHE_CACHED,
          "cache attribute of shared memory expected 1 got %x", info->map_info);
    for (uint64_t at = 0; at < size; at += PAGE_SIZE) {
        blob_put(window, first + at, tag(size, at));
        blob_put(window, first + at + PAGE_SIZE - 8, ~tag(size, at));
    }
    expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_unmap(window, BLOB));
    uint64_t wrong = count_wrong(window, first, size, false);
    check(wrong == 0, "after unmap of %lx bytes expected zeroes got %lu others", size, wrong);
    expect(window->gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(window, BLOB, second));
    wrong = count_wrong(window, second, size, true);
    check(wrong == 0, "in the second mapping of %lx bytes expected its words got %lu others", size, wrong);
    wrong = first + size <= second ? count_wrong(window, first, size, false) : 0;
    check(wrong == 0, "where the first mapping of %lx bytes was expected zeroes got %lu others", size, wrong);
    /* The end of a resource ends its mapping. */
    expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(window->gpu, BLOB));
    wrong = count_wrong(window, second, size, false);
    check(wrong == 0, "after unref of %lx bytes expected zeroes got %lu others", size, wrong);
}

static void draw(uint8_t *pixels, struct virtio_gpu_rect whole, uint32_t pattern, const char *name,
                 struct blob_window *window)
{
    struct memory_mark mark = memory_mark();
    struct canvas canvas = canvas_create(whole.width, whole.height);
    canvas_draw(&canvas, pattern, whole);
    canvas_encode(&canvas, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, whole, pixels);
    expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA,
           blob_set_scanout(window->gpu, BLOB, whole.width, whole.height));
    expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_flush(window->gpu, BLOB, whole));
    picture_show(name, 0, &canvas, whole);
    memory_release(mark);
}

/* The process behind the device shows what the guest wrote: once into its own pages, once through the window.
 */
static void check_pictures(struct blob_window *window)
{
    struct virtio_gpu_rect whole = {0, 0, (uint32_t)cmdline_number("width", WIDTH),
                                    (uint32_t)cmdline_number("height", HEIGHT)};
    uint32_t size = whole.width * whole.height * 4;
    uint8_t *memory = memory_allocate(size, PAGE_SIZE);
    if (expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create_of_guest(window->gpu, BLOB, memory, size)))
        draw(memory, whole, PATTERN_1, "blob-guest", window);
    expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(window->gpu, BLOB));
    if (expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create(window, BLOB, size)) &&
        expect(window->gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(window, BLOB, 0)))
        draw(window->memory, whole, PATTERN_2, "blob-host", window);
    expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(window->gpu, BLOB));
}

/* All mappings are gone with the state of the device. */
static void check_reset(struct blob_window *window)
{
    for (uint32_t i = 0; i < 8; i++) {
        expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create(window, 10 + i, PAGE_SIZE));
        expect(window->gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(window, 10 + i, i * 16 * PAGE_SIZE));
        blob_put(window, i * 16 * PAGE_SIZE, i + 1);
    }
    blob_put(window, 8 * PAGE_SIZE, 99);
    gpu_close(window->gpu);
    for (uint32_t i = 0; i < 8; i++)
        check(blob_word(window, i * 16 * PAGE_SIZE) == 0, "mapping %u after a reset expected gone got %lx", i,
              blob_word(window, i * 16 * PAGE_SIZE));
    check(blob_word(window, 8 * PAGE_SIZE) == 0, "hole after a reset expected empty");
    check(gpu_restart(window->gpu), "virtio-gpu after a reset expected to come up");
    blob_context_open(window);
    expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create(window, 10, PAGE_SIZE));
    expect(window->gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(window, 10, 0));
}

void test_blob(void)
{
    struct gpu gpu;
    struct blob_window window;
    if (!blob_window_open(&window, &gpu))
        return;
    report_info("window address=%lx size=%lx", (uint64_t)window.memory, window.size);
    for (uint64_t size = PAGE_SIZE; size <= LARGEST && 3 * size <= window.size; size *= 2)
        check_size(&window, size);
    if (window.context == BLOB_NO_CONTEXT) {
        check_pictures(&window);
        blob_check_errors(&window);
    }
    report_event("blob random begins");
    picture_hold();
    blob_check_random(&window);
    report_event("blob random done");
    picture_hold();
    check_reset(&window);
    blob_window_close(&window);
    report_end("window=%lx", window.size);
}
