/*
 * bench: latencies by percentile and throughput, the same under any VMM. Polling, in ring 3. count= is the
 * number of samples of each kind (default 2000; large transfers take a tenth); kinds= limits the run to some,
 * and adds native, which needs a device with asahi's native context.
 */
#include "core/cmdline.h"
#include "core/instructions.h"
#include "core/memory.h"
#include "core/report.h"
#include "core/samples.h"
#include "core/tsc.h"
#include "gpu/blob.h"
#include "gpu/commands.h"
#include "gpu/pipeline.h"
#include "tests/gpu3d.h"
#include "tests/tests.h"

#define DEFAULT_COUNT 2000
#define UART_LSR      0x3fd
#define IN_FLIGHT     64
#define SCREEN        1
#define BLOB          1

#define NATIVE_CONTEXT 1
#define NATIVE_PAGE    0x4000
#define NATIVE_PARAMS  592

/* What the machine itself costs: a port read that the VMM answers, and a doorbell without work. */
static void measure_exits(struct gpu *gpu, struct samples *samples, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t start = rdtsc();
        in8(UART_LSR);
        samples_add(samples, rdtsc() - start);
    }
    samples_report(samples, "port_read");
    for (uint32_t i = 0; i < count; i++) {
        uint64_t start = rdtsc();
        virtqueue_notify(&gpu->control);
        samples_add(samples, rdtsc() - start);
    }
    samples_report(samples, "doorbell");
}

static bool measure_fenced(struct gpu *gpu, struct samples *samples, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct virtio_gpu_ctrl_hdr command = {.type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO,
                                              .flags = VIRTIO_GPU_FLAG_FENCE,
                                              .fence_id = gpu->next_fence++};
        uint64_t start = rdtsc();
        if (!expect(gpu, VIRTIO_GPU_RESP_OK_DISPLAY_INFO,
                    gpu_command(gpu, &command, sizeof command, NULL, 0)))
            return false;
        samples_add(samples, rdtsc() - start);
    }
    samples_report(samples, "fenced_command");
    return true;
}

static void measure_screen(struct gpu *gpu, struct samples *samples, uint32_t count, uint32_t width,
                           uint32_t height, const char *name)
{
    struct memory_mark mark = memory_mark();
    struct virtio_gpu_rect whole = {0, 0, width, height};
    uint32_t bytes = width * height * 4;
    uint32_t *framebuffer = memory_allocate(bytes, PAGE_SIZE);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
           gpu_resource_create_2d(gpu, SCREEN, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, width, height));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_attach_memory(gpu, SCREEN, framebuffer, bytes));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_set_scanout(gpu, 0, SCREEN, whole));
    for (uint32_t i = 0; i < count; i++) {
        framebuffer[i % (width * height)] = i * 0x10101;
        uint64_t start = rdtsc();
        if (!expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_transfer_to_host_2d(gpu, SCREEN, whole, 0)) ||
            !expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_flush(gpu, SCREEN, whole)))
            break;
        samples_add(samples, rdtsc() - start);
    }
    samples_report(samples, name);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_set_scanout(gpu, 0, 0, (struct virtio_gpu_rect){0, 0, 0, 0}));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(gpu, SCREEN));
    memory_release(mark);
}

/* As many commands in flight as the queue takes, one kick for each batch. */
static void measure_throughput(struct gpu *gpu, uint32_t count)
{
    struct gpu_pipeline pipeline = gpu_pipeline_create(gpu, IN_FLIGHT);
    const struct virtio_gpu_ctrl_hdr command = {.type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO};
    uint32_t sent = 0, done = 0, kicks = 0;
    uint64_t start = rdtsc();
    while (done < count) {
        while (sent < count && gpu_pipeline_add(&pipeline, &command, sizeof command, NULL, 0))
            sent++;
        kicks += virtqueue_kick(&gpu->control);
        if (!check(gpu_pipeline_reap(&pipeline, GPU_TIMEOUT_MS) != NULL, "command %u expected answered",
                   done))
            return;
        done++;
    }
    uint64_t ns = tsc_to_ns(rdtsc() - start);
    report_metric("pipelined_commands", count * 1000000000ul / (ns ? ns : 1), "per_s");
    report_metric("pipelined_kicks", kicks, "kicks");
}

static void measure_3d(struct gpu *gpu, struct samples *samples, uint32_t count)
{
    struct texture texture;
    struct virgl_stream stream = virgl_stream_create();
    if (!gpu3d_context_create(gpu, GPU3D_CONTEXT) || !texture_create(gpu, &texture, GPU3D_CONTEXT, 10))
        return;
    virgl_create_surface(&stream, 1, texture.resource, VIRGL_FORMAT_B8G8R8A8_UNORM);
    virgl_set_framebuffer(&stream, 1);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_submit_3d(gpu, GPU3D_CONTEXT, stream.dwords, stream.count));
    stream.count = 0;
    virgl_put(&stream, VIRGL_CMD0(VIRGL_CCMD_NOP, 0, 0));
    for (uint32_t i = 0; i < count; i++) {
        uint64_t start = rdtsc();
        expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
               gpu_submit_3d(gpu, GPU3D_CONTEXT, stream.dwords, stream.count));
        samples_add(samples, rdtsc() - start);
    }
    samples_report(samples, "empty_submit_fence");
    stream.count = 0;
    virgl_clear(&stream, (struct virgl_color){FLOAT_1, FLOAT_1_2, FLOAT_1_4, FLOAT_1});
    for (uint32_t i = 0; i < count; i++) {
        uint64_t start = rdtsc();
        expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
               gpu_submit_3d(gpu, GPU3D_CONTEXT, stream.dwords, stream.count));
        samples_add(samples, rdtsc() - start);
    }
    samples_report(samples, "clear_fence");
    for (uint32_t i = 0; i < count / 10; i++) {
        uint64_t start = rdtsc();
        expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
               gpu_submit_3d(gpu, GPU3D_CONTEXT, stream.dwords, stream.count));
        texture_read_back(gpu, &texture, GPU3D_CONTEXT);
        samples_add(samples, rdtsc() - start);
    }
    samples_report(samples, "clear_read_back");
    texture_destroy(gpu, &texture, GPU3D_CONTEXT);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_ctx_destroy(gpu, GPU3D_CONTEXT));
}

/* Mapping memory of the host and taking it away again, with the first access to it. */
static void measure_blobs(struct samples *map, struct samples *touch, struct samples *unmap, uint32_t count)
{
    static const struct {
        uint64_t size;
        const char *map, *touch, *unmap;
    } sizes[] = {{PAGE_SIZE, "blob_map_4k", "blob_first_access_4k", "blob_unmap_4k"},
                 {ONE_MIB, "blob_map_1m", "blob_first_access_1m", "blob_unmap_1m"},
                 {16 * ONE_MIB, "blob_map_16m", "blob_first_access_16m", "blob_unmap_16m"}};
    struct gpu gpu;
    struct blob_window window;
    if (!blob_window_open(&window, &gpu))
        return;
    for (uint32_t s = 0; s < sizeof sizes / sizeof *sizes && 2 * sizes[s].size <= window.size; s++) {
        if (!expect(&gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create(&window, BLOB, sizes[s].size)))
            break;
        for (uint32_t i = 0; i < count; i++) {
            uint64_t start = rdtsc();
            bool mapped = expect(&gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(&window, BLOB, 0));
            uint64_t then = rdtsc();
            if (!mapped)
                break;
            blob_put(&window, sizes[s].size - 8, i);
            samples_add(touch, rdtsc() - then);
            samples_add(map, then - start);
            start = rdtsc();
            expect(&gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_unmap(&window, BLOB));
            samples_add(unmap, rdtsc() - start);
        }
        samples_report(map, sizes[s].map);
        samples_report(touch, sizes[s].touch);
        samples_report(unmap, sizes[s].unmap);
        expect(&gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(&gpu, BLOB));
    }
    blob_window_close(&window);
}

/* One command of a native context; its fence is the processor's, which no work of the GPU holds up. */
static bool native_send(struct gpu_pipeline *pipeline, const uint32_t *stream, uint32_t bytes)
{
    struct virtio_gpu_cmd_submit command = {{.type = VIRTIO_GPU_CMD_SUBMIT_3D,
                                             .flags = VIRTIO_GPU_FLAG_FENCE | VIRTIO_GPU_FLAG_INFO_RING_IDX,
                                             .fence_id = pipeline->gpu->next_fence++,
                                             .ctx_id = NATIVE_CONTEXT},
                                            bytes,
                                            0};
    bool added = gpu_pipeline_add(pipeline, &command, sizeof command, stream, bytes);
    virtqueue_kick(&pipeline->gpu->control);
    return check(added, "a command of a native context expected to find room");
}

static bool native_reap(struct gpu_pipeline *pipeline)
{
    struct gpu_slot *slot = gpu_pipeline_reap(pipeline, GPU_TIMEOUT_MS);
    return check(slot && gpu_slot_header(slot)->type == VIRTIO_GPU_RESP_OK_NODATA,
                 "a command of a native context expected answered");
}

/*
 * A request without an answer until the device has taken it, and one with an answer until that stands in the
 * shared page: asahi's NOP and GET_PARAMS (asahi_proto.h).
 */
static void measure_native(struct samples *samples, uint32_t count)
{
    struct gpu gpu;
    if (!gpu_open(&gpu, VIRTIO_GPU_F_VIRGL | VIRTIO_GPU_F_CONTEXT_INIT | VIRTIO_GPU_F_RESOURCE_BLOB |
                            VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX))
        return;
    struct virtio_region region = virtio_shared_memory(gpu.device.function, VIRTIO_GPU_SHM_ID_HOST_VISIBLE);
    struct blob_window window = {&gpu, (uint8_t *)region.address, region.length, NATIVE_CONTEXT};
    struct gpu_pipeline pipeline = gpu_pipeline_create(&gpu, 2);
    if (expect(&gpu, VIRTIO_GPU_RESP_OK_NODATA,
               gpu_ctx_create(&gpu, NATIVE_CONTEXT, VIRTIO_GPU_CAPSET_DRM, "native")) &&
        expect(&gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create(&window, BLOB, NATIVE_PAGE)) &&
        expect(&gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(&window, BLOB, 0))) {
        volatile uint32_t *page = (volatile uint32_t *)window.memory;
        uint32_t nop[4] = {1, sizeof nop, 0, 0};
        for (uint32_t i = 0; i < count; i++) {
            nop[2] = i + 1;
            uint64_t start = rdtsc();
            if (!native_send(&pipeline, nop, sizeof nop) || !native_reap(&pipeline))
                break;
            samples_add(samples, rdtsc() - start);
        }
        samples_report(samples, "native_async");
        uint32_t ask[10] = {3, sizeof ask, 0, 0, 0, 0, 0, 0, NATIVE_PARAMS, 0};
        for (uint32_t i = 0; i < count; i++) {
            ask[2] = count + i + 1;
            page[page[1] / 4] = 8 + NATIVE_PARAMS;
            uint64_t start = rdtsc();
            if (!native_send(&pipeline, ask, sizeof ask))
                break;
            while (page[0] != ask[2] && tsc_to_ns(rdtsc() - start) < GPU_TIMEOUT_MS * 1000000ul)
                ;
            samples_add(samples, rdtsc() - start);
            if (!check(page[0] == ask[2] && page[page[1] / 4 + 1] == 0, "parameters expected in the page") ||
                !native_reap(&pipeline))
                break;
        }
        samples_report(samples, "native_sync");
    }
    gpu_close(&gpu);
}

static bool wants(const char *kind)
{
    size_t length;
    return !cmdline_value("kinds", &length) || cmdline_list_has("kinds", kind);
}

static bool has_window(const struct gpu *gpu)
{
    return (gpu->device.offered & VIRTIO_GPU_F_RESOURCE_BLOB) &&
           virtio_shared_memory(gpu->device.function, VIRTIO_GPU_SHM_ID_HOST_VISIBLE).length;
}

void test_bench(void)
{
    struct gpu gpu;
    uint32_t count = (uint32_t)cmdline_number("count", DEFAULT_COUNT);
    struct samples samples = samples_create(count);
    if (!gpu_open(&gpu, VIRTIO_GPU_F_VIRGL | VIRTIO_GPU_F_CONTEXT_INIT | VIRTIO_F_INDIRECT_DESC |
                            VIRTIO_F_EVENT_IDX))
        return;
    report_metric("tsc_hz", tsc_hz(), "Hz");
    if (wants("exits"))
        measure_exits(&gpu, &samples, count);
    if (wants("commands") && measure_fenced(&gpu, &samples, count))
        measure_throughput(&gpu, count * 10);
    if (wants("2d")) {
        measure_screen(&gpu, &samples, count, 64, 64, "transfer_flush_64x64");
        measure_screen(&gpu, &samples, count / 2, 640, 480, "transfer_flush_640x480");
        measure_screen(&gpu, &samples, count / 10, 1920, 1080, "transfer_flush_1920x1080");
    }
    if (wants("3d") && (gpu.device.features & VIRTIO_GPU_F_VIRGL))
        measure_3d(&gpu, &samples, count);
    gpu_close(&gpu);
    if (wants("blobs") && has_window(&gpu)) {
        struct samples touch = samples_create(count), unmap = samples_create(count);
        measure_blobs(&samples, &touch, &unmap, count);
    }
    size_t length;
    if (cmdline_value("kinds", &length) && wants("native"))
        measure_native(&samples, count);
    report_end("samples=%u features=%lx", count, gpu.device.features);
}
