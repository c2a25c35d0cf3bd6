/*
 * fuzz: count= random operations (default 100000) from seed= (default 1) on the virtio devices. Nothing may
 * end the machine; a reset must always bring a device back; at the end it draws as if nothing had been.
 * kinds= limits the run to some kinds.
 */
#include "fuzz/fuzz.h"

#include "core/cmdline.h"
#include "core/crc32.h"
#include "core/memory.h"
#include "core/report.h"
#include "core/instructions.h"
#include "core/tsc.h"
#include "tests/gpu2d.h"
#include "tests/tests.h"
#include "virtio/input.h"

#define DEFAULT_COUNT 100000
#define CHECK_ROUNDS  256
#define MAX_INPUTS    (FUZZ_MAX_TARGETS - 1)

extern const uint8_t __image_start[], __readonly_end[];

static struct input_device inputs[MAX_INPUTS];

static bool round_commands(struct fuzz *fuzz, struct fuzz_target *target)
{
    (void)target;
    return !fuzz->has_gpu || fuzz_commands(fuzz);
}

static bool round_space(struct fuzz *fuzz, struct fuzz_target *target)
{
    (void)target;
    return fuzz_address_space(fuzz);
}

static bool round_virgl(struct fuzz *fuzz, struct fuzz_target *target)
{
    (void)target;
    return !fuzz->with_virgl || fuzz_virgl(fuzz);
}

/* How often each kind of round comes up, of 100. */
static const struct {
    const char *name;
    bool (*round)(struct fuzz *fuzz, struct fuzz_target *target);
    uint32_t weight;
} kinds[] = {
    {"commands", round_commands, 52},  {"rings", fuzz_rings, 18},   {"queues", fuzz_queue_setup, 6},
    {"config", fuzz_common_config, 7}, {"pci", fuzz_pci_config, 5}, {"msix", fuzz_msix_table, 4},
    {"space", round_space, 4},         {"virgl", round_virgl, 4},
};

#define KINDS (sizeof kinds / sizeof *kinds)

static void add_target(struct fuzz *fuzz, struct virtio_device *device, struct virtqueue *queues,
                       uint32_t count)
{
    fuzz->targets[fuzz->target_count++] = (struct fuzz_target){device, queues, count, device->features};
}

static bool open_targets(struct fuzz *fuzz)
{
    const struct pci_function *function;
    uint64_t features =
        VIRTIO_GPU_F_EDID | VIRTIO_GPU_F_RESOURCE_BLOB | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX;
    if (fuzz->with_virgl)
        features |= VIRTIO_GPU_F_VIRGL | VIRTIO_GPU_F_CONTEXT_INIT;
    fuzz->has_gpu = gpu_is_present();
    if (fuzz->has_gpu) {
        if (!gpu_open(&fuzz->gpu, features))
            return false;
        add_target(fuzz, &fuzz->gpu.device, &fuzz->gpu.control, 2);
    }
    fuzz->with_virgl &= (fuzz->gpu.device.features & VIRTIO_GPU_F_VIRGL) != 0;
    for (uint32_t i = 0; i < MAX_INPUTS && (function = virtio_find(VIRTIO_ID_INPUT, i)); i++)
        if (check(input_open(&inputs[i], function), "input %u expected to come up", i))
            add_target(fuzz, &inputs[i].device, &inputs[i].events, 2);
    if (fuzz->target_count == 0)
        report_skip("no virtio-gpu and no virtio-input");
    return fuzz->target_count > 0;
}

static void lay_out_memory(struct fuzz *fuzz)
{
    fuzz->tables = memory_allocate(sizeof *fuzz->tables * (FUZZ_TABLE_ENTRIES + FUZZ_TABLE_GUARD), PAGE_SIZE);
    fuzz_virgl_init();
    fuzz->scratch = memory_allocate(FUZZ_SCRATCH_BYTES, PAGE_SIZE);
    struct memory_range rest = memory_free_range();
    fuzz->safe_start = (uint64_t)fuzz->scratch;
    fuzz->safe_end = rest.start + rest.size;
    random_fill(&fuzz->random, fuzz->scratch, FUZZ_SCRATCH_BYTES);
}

static uint32_t pick_kind(struct fuzz *fuzz)
{
    size_t length;
    bool limited = cmdline_value("kinds", &length) != NULL;
    for (;;) {
        uint32_t at = random_below(&fuzz->random, 100), kind = 0;
        while (at >= kinds[kind].weight)
            at -= kinds[kind++].weight;
        if (!limited || cmdline_list_has("kinds", kinds[kind].name))
            return kind;
    }
}

/* Two thirds of what can hit any device hits the first one: the GPU, where there is one. */
static struct fuzz_target *pick_target(struct fuzz *fuzz)
{
    return random_chance(&fuzz->random, 66) ? &fuzz->targets[0]
                                            : &fuzz->targets[random_below(&fuzz->random, fuzz->target_count)];
}

static uint32_t image_crc(void)
{
    return crc32(0, __image_start, (size_t)(__readonly_end - __image_start));
}

static bool run(struct fuzz *fuzz, uint64_t count, uint64_t *rounds)
{
    uint32_t before = image_crc();
    uint64_t next_report = count / 10;
    for (uint64_t round = 0; fuzz->operations < count; round++) {
        uint32_t kind = pick_kind(fuzz);
        bool alive = kinds[kind].round(fuzz, pick_target(fuzz));
        rounds[kind]++;
        if (!check(alive, "device expected alive after a round of %s (operation %lu, seed %lu)",
                   kinds[kind].name, fuzz->operations, fuzz->seed))
            return false;
        if (round % CHECK_ROUNDS == 0 &&
            !check(image_crc() == before, "guest code expected untouched (operation %lu)", fuzz->operations))
            return false;
        if (fuzz->operations >= next_report) {
            report_info("fuzz operations=%lu resets=%lu needs_reset=%lu answered=%lu", fuzz->operations,
                        fuzz->resets, fuzz->needs_reset, fuzz->answered);
            next_report += count / 10 + 1;
        }
    }
    return check(image_crc() == before, "guest code expected untouched at the end");
}

void test_fuzz(void)
{
    static struct fuzz fuzz;
    uint64_t rounds[KINDS] = {0};
    uint64_t count = cmdline_number("count", DEFAULT_COUNT);
    fuzz.seed = cmdline_number("seed", 1);
    fuzz.random = random_seeded(fuzz.seed);
    fuzz.is_qemu = cmdline_list_has("peer", "qemu");
    fuzz.with_virgl = cmdline_flag("virgl");
    if (!open_targets(&fuzz))
        return;
    lay_out_memory(&fuzz);
    uint64_t start = rdtsc();
    if (run(&fuzz, count, rounds)) {
        for (uint32_t i = 0; i < fuzz.target_count; i++)
            fuzz_recover(&fuzz, &fuzz.targets[i]);
        if (fuzz.has_gpu)
            gpu2d_draw_clean(&fuzz.gpu, "after-fuzz");
    }
    for (uint32_t i = 0; i < fuzz.target_count; i++)
        check(virtio_reset(fuzz.targets[i].device), "device %u reset expected", i);
    for (uint32_t i = 0; i < KINDS; i++)
        report_info("fuzz kind=%s rounds=%lu", kinds[i].name, rounds[i]);
    report_metric("fuzz_operations", fuzz.operations, "operations");
    report_metric("fuzz_time", tsc_to_ns(rdtsc() - start) / 1000000, "ms");
    report_end("seed=%lu operations=%lu resets=%lu needs_reset=%lu answered=%lu unanswered=%lu devices=%u",
               fuzz.seed, fuzz.operations, fuzz.resets, fuzz.needs_reset, fuzz.answered, fuzz.unanswered,
               fuzz.target_count);
}
