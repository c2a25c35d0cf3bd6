/* Many maps and unmaps at random places of the window. */
#include "acpi/acpi.h"
#include "core/cmdline.h"
#include "core/lapic.h"
#include "core/memory.h"
#include "core/report.h"
#include "core/smp.h"
#include "fuzz/random.h"
#include "tests/blob.h"
#include "tests/gpu2d.h"

#define BLOBS         64
#define MAX_PAGES     32
#define WINDOW_PAGES  4096
#define DEFAULT_COUNT 65536
#define MAGIC         0xb10bul
#define NOT_MAPPED    UINT64_MAX
#define STOP_MS       10000

struct blob {
    uint64_t page; /* of the window, or NOT_MAPPED */
    uint32_t pages;
};

static struct blob blobs[BLOBS];
static uint8_t owner[WINDOW_PAGES]; /* number of the blob that is mapped there, from 1 */

/* The other processor's part. */
static const struct blob_window *watched;
static volatile bool stopping;
static volatile uint64_t reads, seen, wrong;

static uint64_t tag(uint64_t blob, uint64_t page)
{
    return MAGIC << 48 | blob << 32 | page;
}

/* Whatever is or is not mapped at the moment: a page has a tag or nothing. */
static void watch(uint32_t index)
{
    struct random random = random_seeded(index);
    while (!stopping) {
        uint64_t word = blob_word(watched, (uint64_t)random_below(&random, WINDOW_PAGES) * PAGE_SIZE);
        reads++;
        seen += word != 0;
        wrong += word != 0 &&
                 (word >> 48 != MAGIC || (word >> 32 & 0xffff) >= BLOBS || (uint32_t)word >= MAX_PAGES);
    }
}

static bool start_watching(const struct blob_window *window)
{
    uint32_t ids[2];
    watched = window;
    stopping = false;
    reads = seen = wrong = 0;
    if (acpi_processors(ids, 2) < 2)
        return false;
    if (!check(smp_start(1, ids[0] == lapic_id() ? ids[1] : ids[0]), "second processor expected up"))
        return false;
    smp_run(1, watch);
    return true;
}

static void stop_watching(void)
{
    stopping = true;
    check(smp_wait(1, STOP_MS), "second processor expected to finish");
    check(wrong == 0, "reads beside the maps expected tags or nothing got %lu others", wrong);
    report_info("blob reads=%lu seen=%lu", reads, seen);
    smp_stop(1);
}

static bool make_blobs(struct blob_window *window, struct random *random)
{
    for (uint32_t i = 0; i < BLOBS; i++) {
        blobs[i] = (struct blob){NOT_MAPPED, 1 + random_below(random, MAX_PAGES)};
        if (!expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA,
                    blob_create(window, 1 + i, blobs[i].pages * PAGE_SIZE)) ||
            !expect(window->gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(window, 1 + i, 0)))
            return false;
        for (uint64_t page = 0; page < blobs[i].pages; page++)
            blob_put(window, page * PAGE_SIZE, tag(i, page));
        expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_unmap(window, 1 + i));
    }
    memset(owner, 0, sizeof owner);
    return true;
}

static uint64_t expected_at(uint64_t page)
{
    if (!owner[page])
        return 0;
    return tag(owner[page] - 1u, page - blobs[owner[page] - 1].page);
}

static void check_page(const struct blob_window *window, uint64_t page)
{
    uint64_t got = blob_word(window, page * PAGE_SIZE);
    check(got == expected_at(page), "page %lx of the window expected %lx got %lx", page, expected_at(page),
          got);
}

static void step(struct blob_window *window, struct random *random)
{
    uint32_t i = random_below(random, BLOBS);
    struct blob *blob = &blobs[i];
    uint64_t page = blob->page;
    if (page != NOT_MAPPED) {
        check_page(window, page + random_below(random, blob->pages));
        if (!expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_unmap(window, 1 + i)))
            return;
        memset(owner + page, 0, blob->pages);
        blob->page = NOT_MAPPED;
    } else {
        bool is_free = true;
        page = random_below(random, WINDOW_PAGES - blob->pages + 1);
        for (uint32_t at = 0; at < blob->pages; at++)
            is_free &= !owner[page + at];
        uint32_t got = blob_map(window, 1 + i, page * PAGE_SIZE);
        check((got == VIRTIO_GPU_RESP_OK_MAP_INFO) == is_free, "map of %u pages at %lx expected %s got %s",
              blob->pages, page, is_free ? "done" : "refused", gpu_response_name(got));
        if (got != VIRTIO_GPU_RESP_OK_MAP_INFO)
            return;
        memset(owner + page, (int)i + 1, blob->pages);
        blob->page = page;
    }
    check_page(window, page + random_below(random, blob->pages));
    check_page(window, random_below(random, WINDOW_PAGES));
}

void blob_check_random(struct blob_window *window)
{
    uint64_t count = cmdline_number("count", DEFAULT_COUNT);
    struct random random = random_seeded(cmdline_number("seed", 1));
    if (window->size < WINDOW_PAGES * PAGE_SIZE || !make_blobs(window, &random))
        return;
    bool watching = start_watching(window);
    for (uint64_t i = 0; i < count; i++)
        step(window, &random);
    for (uint64_t page = 0; page < WINDOW_PAGES; page++)
        check_page(window, page);
    if (watching)
        stop_watching();
    for (uint32_t i = 0; i < BLOBS; i++)
        expect(window->gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(window->gpu, 1 + i));
}
