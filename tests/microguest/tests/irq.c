/*
 * irq: MSI-X interrupts are counted equal to the requests completed; masked ones wait; suppression by
 * flags and by EVENT_IDX is honoured. Not for machines without MSI-X.
 */
#include "acpi/acpi.h"
#include "core/cmdline.h"
#include "core/cpu.h"
#include "core/instructions.h"
#include "core/lapic.h"
#include "core/report.h"
#include "core/smp.h"
#include "core/tsc.h"
#include "gpu/commands.h"
#include "tests/tests.h"

#define CONFIG_ENTRY   0
#define CONTROL_ENTRY  1
#define CURSOR_ENTRY   2
#define CONFIG_VECTOR  0x50
#define CONTROL_VECTOR 0x51
#define CURSOR_VECTOR  0x52
#define WAIT_MS        2000
#define QUIET_US       20000
#define DEFAULT_COUNT  500

static uint64_t count_of(uint8_t vector)
{
    return interrupt_counts[vector];
}

static void expect_count(uint8_t vector, uint64_t wanted, const char *what)
{
    uint64_t deadline = deadline_ms(WAIT_MS);
    while (count_of(vector) < wanted && !deadline_passed(deadline))
        cpu_pause();
    check(count_of(vector) == wanted, "%s: interrupts on %x expected %lu got %lu", what, vector, wanted,
          count_of(vector));
}

/* Time for an interrupt that must not come. */
static void expect_quiet(uint8_t vector, uint64_t wanted, const char *what)
{
    delay_us(QUIET_US);
    check(count_of(vector) == wanted, "%s: interrupts on %x expected to stay %lu got %lu", what, vector,
          wanted, count_of(vector));
}

static bool request(struct gpu *gpu)
{
    uint32_t got = gpu_get_display_info(gpu);
    return check(got == VIRTIO_GPU_RESP_OK_DISPLAY_INFO, "request expected OK_DISPLAY_INFO got %s",
                 gpu_response_name(got));
}

static bool open_with_interrupts(struct gpu *gpu, uint64_t features)
{
    if (!gpu_open_with_vectors(gpu, features, CONTROL_ENTRY, CURSOR_ENTRY))
        return false;
    struct msix *msix = &gpu->device.msix;
    if (!check(gpu->device.has_msix && msix->entries > CURSOR_ENTRY, "MSI-X with 3 entries expected got %u",
               gpu->device.has_msix ? msix->entries : 0))
        return false;
    check(virtio_set_config_vector(&gpu->device, CONFIG_ENTRY), "config vector expected accepted");
    msix_aim(msix, CONFIG_ENTRY, CONFIG_VECTOR, lapic_id());
    msix_aim(msix, CONTROL_ENTRY, CONTROL_VECTOR, lapic_id());
    msix_aim(msix, CURSOR_ENTRY, CURSOR_VECTOR, lapic_id());
    msix_enable(msix, true);
    return true;
}

static void check_one_for_each(struct gpu *gpu, uint64_t requests)
{
    uint64_t start = count_of(CONTROL_VECTOR), cursor = count_of(CURSOR_VECTOR);
    for (uint64_t i = 1; i <= requests; i++) {
        virtqueue_enable_interrupts(&gpu->control, 1);
        if (!request(gpu))
            return;
        expect_count(CONTROL_VECTOR, start + i, "one request");
    }
    expect_quiet(CONTROL_VECTOR, start + requests, "after the requests");
    check(count_of(CURSOR_VECTOR) == cursor, "cursor vector expected silent");

    struct virtio_gpu_update_cursor move = {.hdr = {.type = VIRTIO_GPU_CMD_MOVE_CURSOR}};
    virtqueue_enable_interrupts(&gpu->cursor, 1);
    check(gpu_cursor_command(gpu, &move), "cursor move expected used");
    expect_count(CURSOR_VECTOR, cursor + 1, "cursor queue");
    expect_quiet(CONTROL_VECTOR, start + requests, "cursor queue");
    virtqueue_disable_interrupts(&gpu->cursor);
}

/* The processor sleeps between request and answer. */
static void check_sleep(struct gpu *gpu, uint64_t requests)
{
    uint64_t start = rdtsc();
    struct virtio_gpu_ctrl_hdr *command = (struct virtio_gpu_ctrl_hdr *)gpu->request;
    *command = (struct virtio_gpu_ctrl_hdr){.type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO};
    const struct virtq_buffer buffers[] = {{(uint64_t)gpu->request, sizeof *command},
                                           {(uint64_t)gpu->response, GPU_RESPONSE_BYTES}};
    for (uint64_t i = 0; i < requests; i++) {
        uint64_t seen = count_of(CONTROL_VECTOR);
        uint16_t head;
        virtqueue_enable_interrupts(&gpu->control, 1);
        virtqueue_add(&gpu->control, buffers, 1, 1, gpu->indirect);
        virtqueue_kick(&gpu->control);
        wait_for_interrupt(&interrupt_counts[CONTROL_VECTOR], seen);
        if (!check(virtqueue_wait(&gpu->control, &head, NULL, WAIT_MS), "sleeping request %lu expected used",
                   i))
            return;
    }
    report_metric_cycles("irq_sleep_round_trip", (rdtsc() - start) / requests);
}

static void check_mask(struct gpu *gpu, const char *what, bool whole_function)
{
    struct msix *msix = &gpu->device.msix;
    uint64_t start = count_of(CONTROL_VECTOR);
    if (whole_function)
        msix_mask_function(msix, true);
    else
        msix_mask(msix, CONTROL_ENTRY, true);
    check(!msix_is_pending(msix, CONTROL_ENTRY), "%s: pending bit expected clear before", what);
    for (int i = 0; i < 3; i++) {
        virtqueue_enable_interrupts(&gpu->control, 1);
        request(gpu);
    }
    expect_quiet(CONTROL_VECTOR, start, what);
    check(msix_is_pending(msix, CONTROL_ENTRY), "%s: pending bit expected set", what);
    if (whole_function)
        msix_mask_function(msix, false);
    else
        msix_mask(msix, CONTROL_ENTRY, false);
    expect_count(CONTROL_VECTOR, start + 1, what);
    expect_quiet(CONTROL_VECTOR, start + 1, what);
    check(!msix_is_pending(msix, CONTROL_ENTRY), "%s: pending bit expected clear after", what);
}

static void check_retarget(struct gpu *gpu)
{
    uint64_t old = count_of(CONTROL_VECTOR), other = count_of(CONTROL_VECTOR + 16);
    msix_mask(&gpu->device.msix, CONTROL_ENTRY, true);
    msix_aim(&gpu->device.msix, CONTROL_ENTRY, CONTROL_VECTOR + 16, lapic_id());
    virtqueue_enable_interrupts(&gpu->control, 1);
    request(gpu);
    expect_count(CONTROL_VECTOR + 16, other + 1, "retargeted entry");
    check(count_of(CONTROL_VECTOR) == old, "old vector expected silent");
    msix_aim(&gpu->device.msix, CONTROL_ENTRY, CONTROL_VECTOR, lapic_id());
}

/* An interrupt for another processor than the one that asked. */
static void check_other_processor(struct gpu *gpu)
{
    uint32_t ids[2], other;
    if (acpi_processors(ids, 2) < 2)
        return;
    other = ids[0] == lapic_id() ? ids[1] : ids[0];
    if (!check(smp_start(1, other), "processor with APIC id %u expected up", other))
        return;
    uint64_t start = count_of(CONTROL_VECTOR);
    msix_aim(&gpu->device.msix, CONTROL_ENTRY, CONTROL_VECTOR, other);
    for (uint64_t i = 1; i <= 10; i++) {
        virtqueue_enable_interrupts(&gpu->control, 1);
        request(gpu);
        expect_count(CONTROL_VECTOR, start + i, "other processor");
    }
    msix_aim(&gpu->device.msix, CONTROL_ENTRY, CONTROL_VECTOR, lapic_id());
    smp_stop(1);
}

static void check_suppressed(struct gpu *gpu, const char *what)
{
    uint64_t start = count_of(CONTROL_VECTOR);
    virtqueue_disable_interrupts(&gpu->control);
    for (int i = 0; i < 20; i++) {
        virtqueue_disable_interrupts(&gpu->control);
        request(gpu);
    }
    expect_quiet(CONTROL_VECTOR, start, what);
}

static void check_event_index(struct gpu *gpu)
{
    const uint16_t after = 8;
    uint64_t start = count_of(CONTROL_VECTOR);
    virtqueue_enable_interrupts(&gpu->control, after);
    for (int i = 1; i < after; i++)
        request(gpu);
    expect_quiet(CONTROL_VECTOR, start, "before used_event");
    request(gpu);
    expect_count(CONTROL_VECTOR, start + 1, "at used_event");
    for (int i = 0; i < after; i++)
        request(gpu);
    expect_quiet(CONTROL_VECTOR, start + 1, "past used_event");
}

void test_irq(void)
{
    struct gpu gpu;
    uint64_t requests = cmdline_number("count", DEFAULT_COUNT);
    if (!open_with_interrupts(&gpu, VIRTIO_F_INDIRECT_DESC))
        return;
    check_one_for_each(&gpu, requests);
    check_sleep(&gpu, requests);
    check_mask(&gpu, "masked entry", false);
    check_mask(&gpu, "masked function", true);
    check_retarget(&gpu);
    check_other_processor(&gpu);
    check_suppressed(&gpu, "NO_INTERRUPT flag");
    msix_enable(&gpu.device.msix, false);
    gpu_close(&gpu);

    if (!open_with_interrupts(&gpu, VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX))
        return;
    bool has_event_idx = gpu.device.features & VIRTIO_F_EVENT_IDX;
    if (has_event_idx) {
        check_one_for_each(&gpu, requests);
        check_suppressed(&gpu, "used_event far away");
        check_event_index(&gpu);
    }
    check(count_of(CONFIG_VECTOR) == 0 || cmdline_flag("display"), "config vector expected silent");
    msix_enable(&gpu.device.msix, false);
    gpu_close(&gpu);
    report_end("requests=%lu event_idx=%u", requests, has_event_idx);
}
