/*
 * display: waits for changes=N (default 1) changes of the display configuration, at most wait= milliseconds
 * each: interrupt on the config vector, the event bit, its clearing, and the new display info.
 */
#include "core/cmdline.h"
#include "core/cpu.h"
#include "core/instructions.h"
#include "core/lapic.h"
#include "core/report.h"
#include "core/tsc.h"
#include "gpu/commands.h"
#include "tests/gpu2d.h"
#include "tests/tests.h"

#define CONFIG_ENTRY    0
#define CONFIG_VECTOR   0x58
#define DEFAULT_WAIT_MS 10000

static void print_modes(struct gpu *gpu)
{
    if (!expect(gpu, VIRTIO_GPU_RESP_OK_DISPLAY_INFO, gpu_get_display_info(gpu)))
        return;
    struct virtio_gpu_resp_display_info info = *(struct virtio_gpu_resp_display_info *)gpu->response;
    for (uint32_t i = 0; i < gpu->scanouts; i++)
        report_event("display scanout=%u enabled=%u width=%u height=%u", i, info.pmodes[i].enabled,
                     info.pmodes[i].r.width, info.pmodes[i].r.height);
}

static bool wait_for_change(struct gpu *gpu)
{
    uint64_t before = interrupt_counts[CONFIG_VECTOR];
    uint64_t deadline = deadline_ms(cmdline_number("wait", DEFAULT_WAIT_MS));
    while (!(virtio_config_read32(&gpu->device, VIRTIO_GPU_CONFIG_EVENTS_READ) & VIRTIO_GPU_EVENT_DISPLAY)) {
        if (!check(!deadline_passed(deadline), "display event expected got none"))
            return false;
        delay_us(1000);
    }
    while (interrupt_counts[CONFIG_VECTOR] == before && !deadline_passed(deadline))
        cpu_pause();
    check(interrupt_counts[CONFIG_VECTOR] != before, "config interrupt expected got none");
    virtio_config_write32(&gpu->device, VIRTIO_GPU_CONFIG_EVENTS_CLEAR, VIRTIO_GPU_EVENT_DISPLAY);
    check(!(virtio_config_read32(&gpu->device, VIRTIO_GPU_CONFIG_EVENTS_READ) & VIRTIO_GPU_EVENT_DISPLAY),
          "events_read expected cleared");
    return true;
}

void test_display(void)
{
    struct gpu gpu;
    uint64_t changes = cmdline_number("changes", 1), seen = 0;
    if (!gpu_open(&gpu, VIRTIO_GPU_F_EDID))
        return;
    msix_aim(&gpu.device.msix, CONFIG_ENTRY, CONFIG_VECTOR, lapic_id());
    msix_enable(&gpu.device.msix, true);
    check(virtio_set_config_vector(&gpu.device, CONFIG_ENTRY), "config vector expected accepted");
    virtio_config_write32(&gpu.device, VIRTIO_GPU_CONFIG_EVENTS_CLEAR, VIRTIO_GPU_EVENT_DISPLAY);
    report_event("display ready");
    print_modes(&gpu);
    while (seen < changes && wait_for_change(&gpu)) {
        print_modes(&gpu);
        seen++;
    }
    msix_enable(&gpu.device.msix, false);
    gpu_close(&gpu);
    report_end("changes=%lu", seen);
}
