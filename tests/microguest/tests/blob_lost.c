/*
 * bloblost: the process behind the GPU dies while its memory is mapped. The host kills it at "blob mapped";
 * the mapping is then empty, the guest goes on, and what is in its own pages is still shown.
 */
#include "core/cmdline.h"
#include "core/instructions.h"
#include "core/memory.h"
#include "core/report.h"
#include "core/tsc.h"
#include "gpu/picture.h"
#include "tests/blob.h"
#include "tests/gpu2d.h"
#include "tests/tests.h"

#define HOST      1
#define GUEST     2
#define AGAIN     3
#define BLOB_SIZE (64 * PAGE_SIZE)
#define WORD      0x10575ul
#define WAIT_MS   60000
#define WIDTH     320
#define HEIGHT    200
#define PATTERN   14

static const struct virtio_gpu_rect whole = {0, 0, WIDTH, HEIGHT};

static bool set_up(struct blob_window *window)
{
    struct gpu *gpu = window->gpu;
    uint8_t *memory = memory_allocate(WIDTH * HEIGHT * 4, PAGE_SIZE);
    struct canvas canvas = canvas_create(WIDTH, HEIGHT);
    canvas_draw(&canvas, PATTERN, whole);
    canvas_encode(&canvas, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, whole, memory);
    bool made = expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
                       blob_create_of_guest(gpu, GUEST, memory, WIDTH * HEIGHT * 4)) &&
                expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_set_scanout(gpu, GUEST, WIDTH, HEIGHT)) &&
                expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_flush(gpu, GUEST, whole)) &&
                expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create(window, HOST, BLOB_SIZE)) &&
                expect(gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(window, HOST, 0));
    for (uint64_t at = 0; made && at < BLOB_SIZE; at += PAGE_SIZE)
        blob_put(window, at, WORD + at);
    return made;
}

static void wait_for_the_death(const struct blob_window *window)
{
    uint64_t deadline = deadline_ms(WAIT_MS), left = 0;
    report_event("blob mapped");
    while (blob_word(window, BLOB_SIZE - PAGE_SIZE) != 0 && !deadline_passed(deadline))
        cpu_pause();
    for (uint64_t at = 0; at < BLOB_SIZE; at += PAGE_SIZE)
        left += blob_word(window, at) != 0;
    check(left == 0, "pages of a dead process expected gone got %lu left", left);
}

/* The Vulkan context has gone with the process that ran it, and says so; a new one works. */
static void lose_context(struct blob_window *window)
{
    uint32_t answer = blob_create(window, AGAIN, BLOB_SIZE);
    check(answer >= VIRTIO_GPU_RESP_ERR_UNSPEC, "memory of a lost context expected an error got %x", answer);
    expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_ctx_destroy(window->gpu, window->context));
    blob_context_open(window);
}

void test_blob_lost(void)
{
    struct gpu gpu;
    struct blob_window window;
    uint64_t rounds = cmdline_number("rounds", 1);
    if (!blob_window_open(&window, &gpu))
        return;
    for (uint64_t i = 0; i < rounds && set_up(&window); i++) {
        wait_for_the_death(&window);
        expect(&gpu, VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, blob_unmap(&window, HOST));
        expect(&gpu, VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, gpu_resource_unref(&gpu, HOST));
        expect(&gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_flush(&gpu, GUEST, whole));
        if (window.context)
            lose_context(&window);
        expect(&gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create(&window, AGAIN, BLOB_SIZE));
        expect(&gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(&window, AGAIN, 0));
        check(blob_word(&window, 0) == 0, "fresh memory expected zero");
        blob_put(&window, 0, WORD);
        expect(&gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(&gpu, AGAIN));
        expect(&gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(&gpu, GUEST));
        /* Processes that die before the guest has gone on count as victims of what they restored. */
        for (uint32_t more = 0; more < 32; more++)
            expect(&gpu, VIRTIO_GPU_RESP_OK_DISPLAY_INFO, gpu_get_display_info(&gpu));
    }
    blob_window_close(&window);
    report_end("rounds=%lu", rounds);
}
