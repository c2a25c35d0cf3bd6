/*
 * nativelost: the process behind the GPU dies, or hangs, while a program of a DRM native context waits for
 * it: for a fence on a ring of the GPU, and for the number in the page that it shares with the host. The host
 * strikes at "native waiting", where its GPU does not come to an end; at "native again" it does. Each waits
 * for a byte on the serial port (hold=key).
 */
#include "core/cmdline.h"
#include "core/memory.h"
#include "core/report.h"
#include "gpu/picture.h"
#include "tests/gpu2d.h"
#include "tests/native.h"
#include "tests/tests.h"

#define LOST        1
#define NEXT        2
#define LOST_OFFSET (16 * PAGE_SIZE)
#define NEXT_OFFSET (32 * PAGE_SIZE)
/* Longer than any recovery with its delays. */
#define RECOVERY_MS 60000
#define MOMENT_MS   100

/* What was submitted has been answered for already; what came later is for a context that is no more. */
static const uint32_t wanted[2] = {VIRTIO_GPU_RESP_OK_NODATA, VIRTIO_GPU_RESP_ERR_UNSPEC};

/* One of two answers, which are known by their fences. */
static void take_answer(struct gpu_pipeline *pipeline, const uint64_t fences[2], bool seen[2])
{
    struct gpu_slot *slot = gpu_pipeline_reap(pipeline, RECOVERY_MS);
    if (!slot)
        report_fatal("nativelost: %u streams got no answer", pipeline->in_flight);
    const struct virtio_gpu_ctrl_hdr *answer = gpu_slot_header(slot);
    uint32_t which = answer->fence_id == fences[1];
    check(answer->fence_id == fences[which] && !seen[which], "answer to fence %lx expected once",
          answer->fence_id);
    check(answer->type == wanted[which], "stream %u expected %s got %s (%x)", which,
          gpu_response_name(wanted[which]), gpu_response_name(answer->type), answer->type);
    seen[which] = true;
}

/* Work that does not end, then the strike, then a stream for a process that is dead or stands still. */
static void lose(struct blob_window *window, struct gpu_pipeline *pipeline)
{
    struct gpu *gpu = window->gpu;
    struct native_client client;
    uint64_t fences[2] = {gpu->next_fence, gpu->next_fence + 1};
    bool seen[2] = {false, false};
    gpu->next_fence += 2;
    if (!native_open(&client, window, LOST, LOST_OFFSET))
        return;
    native_submit(&client, pipeline, fences[0]);
    check(gpu_pipeline_reap(pipeline, MOMENT_MS) == NULL, "work that does not end expected no answer");
    check(native_wait(&client, RECOVERY_MS), "page expected at %u got %lx", client.seqno,
          blob_word(window, LOST_OFFSET));
    report_event("native waiting");
    picture_hold();
    native_nop(&client, pipeline, fences[1]);
    take_answer(pipeline, fences, seen);
    take_answer(pipeline, fences, seen);
    check(native_wait(&client, RECOVERY_MS), "page of a lost context expected beyond %u got %lx",
          client.seqno, blob_word(window, LOST_OFFSET));
    client.seqno += 1000000000;
    check(native_is_done(&client), "page of a lost context expected beyond any number got %lx",
          blob_word(window, LOST_OFFSET));
    report_event("native recovered");
    native_close(&client);
    check(blob_word(window, LOST_OFFSET) == 0, "page of a closed context expected gone");
}

/* A program that starts afterwards is like any other. */
static void begin_again(struct blob_window *window, struct gpu_pipeline *pipeline)
{
    struct gpu *gpu = window->gpu;
    struct native_client client;
    if (!native_open(&client, window, NEXT, NEXT_OFFSET))
        return;
    uint64_t fence = gpu->next_fence++;
    native_submit(&client, pipeline, fence);
    struct gpu_slot *slot = gpu_pipeline_reap(pipeline, GPU_TIMEOUT_MS);
    check(slot && gpu_slot_header(slot)->type == VIRTIO_GPU_RESP_OK_NODATA &&
              gpu_slot_header(slot)->fence_id == fence,
          "submission of a new context expected done");
    check(native_is_done(&client), "page of a new context expected at %u got %lx", client.seqno,
          blob_word(window, NEXT_OFFSET));
    native_close(&client);
}

void test_native_lost(void)
{
    struct gpu gpu;
    struct blob_window window;
    uint64_t rounds = cmdline_number("rounds", 1);
    if (!blob_window_open(&window, &gpu))
        return;
    struct gpu_pipeline pipeline = gpu_pipeline_create(&gpu, 4);
    for (uint64_t i = 0; i < rounds; i++) {
        lose(&window, &pipeline);
        begin_again(&window, &pipeline);
        /* Processes that die before the guest has gone on count as victims of what they restored. */
        for (uint32_t more = 0; more < 32; more++)
            expect(&gpu, VIRTIO_GPU_RESP_OK_DISPLAY_INFO, gpu_get_display_info(&gpu));
        report_event("native again");
        picture_hold();
    }
    gpu_close(&gpu);
    report_end("rounds=%lu", rounds);
}
