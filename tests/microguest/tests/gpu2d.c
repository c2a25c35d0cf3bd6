/* gpu2d: every 2D command with right and wrong arguments, and pictures that a host can compare. */
#include "tests/gpu2d.h"

#include "core/cmdline.h"
#include "core/memory.h"
#include "core/report.h"
#include "tests/tests.h"

#define EDID_BLOCK 128

static void check_edid(struct gpu *gpu, uint32_t scanout)
{
    static const uint8_t header[8] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};
    const struct virtio_gpu_resp_edid *answer = (const struct virtio_gpu_resp_edid *)gpu->response;
    if (!expect(gpu, VIRTIO_GPU_RESP_OK_EDID, gpu_get_edid(gpu, scanout)))
        return;
    uint32_t size = answer->size;
    check(size >= EDID_BLOCK && size <= sizeof answer->edid && size % EDID_BLOCK == 0,
          "edid size expected a multiple of 128 up to 1024 got %u", size);
    check(memcmp(answer->edid, header, sizeof header) == 0, "edid of scanout %u expected the EDID header",
          scanout);
    for (uint32_t block = 0; block + EDID_BLOCK <= size && size <= sizeof answer->edid; block += EDID_BLOCK) {
        uint8_t sum = 0;
        for (uint32_t i = 0; i < EDID_BLOCK; i++)
            sum = (uint8_t)(sum + answer->edid[block + i]);
        check(sum == 0, "edid of scanout %u block at %u checksum expected 0 got %u", scanout, block, sum);
    }
    const uint8_t *timing = answer->edid + 54;
    report_info("edid scanout=%u size=%u preferred=%ux%u", scanout, size, timing[2] | (timing[4] & 0xf0) << 4,
                timing[5] | (timing[7] & 0xf0) << 4);
}

void gpu2d_check_information(struct gpu *gpu)
{
    check(gpu->scanouts >= 1 && gpu->scanouts <= VIRTIO_GPU_MAX_SCANOUTS,
          "num_scanouts expected 1 to 16 got %u", gpu->scanouts);
    if (!expect(gpu, VIRTIO_GPU_RESP_OK_DISPLAY_INFO, gpu_get_display_info(gpu)))
        return;
    check(gpu->response_length == sizeof(struct virtio_gpu_resp_display_info),
          "display info length expected %lu got %u", sizeof(struct virtio_gpu_resp_display_info),
          gpu->response_length);
    struct virtio_gpu_resp_display_info info = *(struct virtio_gpu_resp_display_info *)gpu->response;
    for (uint32_t i = 0; i < VIRTIO_GPU_MAX_SCANOUTS; i++) {
        const struct virtio_gpu_display_one *mode = &info.pmodes[i];
        if (i >= gpu->scanouts) {
            check(!mode->enabled, "scanout %u past num_scanouts expected disabled", i);
            continue;
        }
        report_info("display scanout=%u enabled=%u x=%u y=%u width=%u height=%u", i, mode->enabled, mode->r.x,
                    mode->r.y, mode->r.width, mode->r.height);
        if (mode->enabled)
            check(mode->r.width && mode->r.height, "enabled scanout %u expected a size got %ux%u", i,
                  mode->r.width, mode->r.height);
    }
    for (uint32_t i = 0; i < gpu->scanouts && (gpu->device.features & VIRTIO_GPU_F_EDID); i++)
        check_edid(gpu, i);
}

void gpu2d_check_fences(struct gpu *gpu)
{
    const struct virtio_gpu_ctrl_hdr *answer = (const struct virtio_gpu_ctrl_hdr *)gpu->response;
    static const uint64_t fences[] = {1, 0xfffffffful, 0x123456789abcdef0ul, UINT64_MAX};
    for (uint32_t i = 0; i < sizeof fences / sizeof *fences; i++) {
        struct virtio_gpu_ctrl_hdr command = {
            .type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO, .flags = VIRTIO_GPU_FLAG_FENCE, .fence_id = fences[i]};
        expect(gpu, VIRTIO_GPU_RESP_OK_DISPLAY_INFO, gpu_command(gpu, &command, sizeof command, NULL, 0));
        check(answer->flags & VIRTIO_GPU_FLAG_FENCE, "response flags expected FENCE got %x", answer->flags);
        check(answer->fence_id == fences[i], "fence_id expected %lx got %lx", fences[i], answer->fence_id);
    }
    struct virtio_gpu_resource_command bad = {
        {.type = VIRTIO_GPU_CMD_RESOURCE_UNREF, .flags = VIRTIO_GPU_FLAG_FENCE, .fence_id = 77}, 0x7fff, 0};
    uint32_t got = gpu_command(gpu, &bad, sizeof bad, NULL, 0);
    check(got == VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID || cmdline_list_has("peer", "gl"),
          "unref of no resource expected ERR_INVALID_RESOURCE_ID got %s", gpu_response_name(got));
    check((answer->flags & VIRTIO_GPU_FLAG_FENCE) && answer->fence_id == 77,
          "fence of a failed command expected flag and 77 got flags %x id %lx", answer->flags,
          answer->fence_id);
    struct virtio_gpu_ctrl_hdr plain = {.type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO, .fence_id = 99};
    expect(gpu, VIRTIO_GPU_RESP_OK_DISPLAY_INFO, gpu_command(gpu, &plain, sizeof plain, NULL, 0));
    check(!(answer->flags & VIRTIO_GPU_FLAG_FENCE), "response to an unfenced command expected no FENCE flag");
}

void test_gpu2d(void)
{
    struct gpu gpu;
    if (!gpu_open(&gpu, VIRTIO_GPU_F_EDID | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX))
        return;
    report_info("virtio-gpu offered=%lx features=%lx scanouts=%u capsets=%u controlq=%u cursorq=%u",
                gpu.device.offered, gpu.device.features, gpu.scanouts, gpu.capsets, gpu.control.size,
                gpu.cursor.size);
    gpu2d_check_information(&gpu);
    gpu2d_check_fences(&gpu);
    /* QEMU's GL device answers OK whatever the renderer says. */
    if (!cmdline_list_has("peer", "gl"))
        gpu2d_check_errors(&gpu);
    gpu2d_draw(&gpu);
    gpu2d_check_cursor(&gpu);
    gpu_close(&gpu);
    check(gpu_restart(&gpu), "virtio-gpu after a reset expected to come up");
    gpu2d_draw_clean(&gpu, "after-reset");
    gpu_close(&gpu);
    report_end("scanouts=%u features=%lx", gpu.scanouts, gpu.device.features);
}
