/* Streams of native-context commands. */
#include "tests/native.h"

#include "core/instructions.h"
#include "core/memory.h"
#include "core/report.h"
#include "core/tsc.h"
#include "tests/gpu2d.h"

#define PAGE_BYTES                    (4 * PAGE_SIZE)
#define MSM_CCMD_NOP                  1
#define MSM_CCMD_IOCTL_SIMPLE         2
#define MSM_CCMD_GEM_SUBMIT           7
#define DRM_IOCTL_MSM_SUBMITQUEUE_NEW 0xc00c644au
#define MSM_PIPE_3D0                  0x10
#define RING_OF_THE_CPU               0
#define RING_OF_PRIORITY_0            1

struct vdrm_ccmd_req {
    uint32_t cmd, len, seqno, rsp_off;
};

struct new_queue {
    struct vdrm_ccmd_req hdr;
    uint32_t ioctl;
    uint32_t flags, prio, id;
};

struct new_queue_answer {
    uint32_t len;
    int32_t ret;
    uint32_t flags, prio, id;
};

struct submission {
    struct vdrm_ccmd_req hdr;
    uint32_t flags, queue, nr_bos, nr_cmds, fence;
};

static volatile uint32_t *page_of(const struct native_client *client)
{
    return (volatile uint32_t *)(client->window->memory + client->offset);
}

static struct vdrm_ccmd_req command(struct native_client *client, uint32_t cmd, uint32_t length)
{
    return (struct vdrm_ccmd_req){cmd, length, ++client->seqno, 0};
}

static bool open_queue(struct native_client *client)
{
    struct gpu *gpu = client->window->gpu;
    struct new_queue request = {command(client, MSM_CCMD_IOCTL_SIMPLE, sizeof request),
                                DRM_IOCTL_MSM_SUBMITQUEUE_NEW, 0, 0, 0};
    volatile struct new_queue_answer *answer =
        (volatile void *)((uint8_t *)page_of(client) + page_of(client)[1]);
    answer->len = sizeof *answer;
    if (!expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
                gpu_submit_3d(gpu, client->context, (const uint32_t *)&request, sizeof request / 4)))
        return false;
    client->queue = answer->id;
    return check(native_is_done(client) && answer->ret == 0, "queue expected made got %d, page at %u of %u",
                 answer->ret, page_of(client)[0], client->seqno);
}

bool native_open(struct native_client *client, struct blob_window *window, uint32_t context, uint64_t offset)
{
    struct gpu *gpu = window->gpu;
    *client = (struct native_client){window, context, context, 0, offset, 0};
    window->context = context;
    return expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
                  gpu_ctx_create(gpu, context, VIRTIO_GPU_CAPSET_DRM, "native")) &&
           expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_create(window, client->page, PAGE_BYTES)) &&
           expect(gpu, VIRTIO_GPU_RESP_OK_MAP_INFO, blob_map(window, client->page, offset)) &&
           open_queue(client);
}

void native_close(struct native_client *client)
{
    struct gpu *gpu = client->window->gpu;
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, blob_unmap(client->window, client->page));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(gpu, client->page));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_ctx_destroy(gpu, client->context));
}

static void send(struct native_client *client, struct gpu_pipeline *pipeline, const void *stream,
                 uint32_t length, uint64_t fence, uint8_t ring)
{
    struct virtio_gpu_cmd_submit submit = {{VIRTIO_GPU_CMD_SUBMIT_3D,
                                            VIRTIO_GPU_FLAG_FENCE | VIRTIO_GPU_FLAG_INFO_RING_IDX,
                                            fence,
                                            client->context,
                                            ring,
                                            {0}},
                                           length,
                                           0};
    check(gpu_pipeline_add(pipeline, &submit, sizeof submit, stream, length), "room for a stream expected");
    virtqueue_kick(&pipeline->gpu->control);
}

/* The device reads a stream when it comes to it: each client has room for the one of each kind that is on its
 * way. */
void native_submit(struct native_client *client, struct gpu_pipeline *pipeline, uint64_t fence)
{
    static struct submission stream;
    stream = (struct submission){command(client, MSM_CCMD_GEM_SUBMIT, sizeof stream),
                                 MSM_PIPE_3D0,
                                 client->queue,
                                 0,
                                 0,
                                 client->seqno};
    send(client, pipeline, &stream, sizeof stream, fence, RING_OF_PRIORITY_0);
}

void native_nop(struct native_client *client, struct gpu_pipeline *pipeline, uint64_t fence)
{
    static struct vdrm_ccmd_req stream;
    stream = command(client, MSM_CCMD_NOP, sizeof stream);
    send(client, pipeline, &stream, sizeof stream, fence, RING_OF_THE_CPU);
}

bool native_is_done(const struct native_client *client)
{
    return (int32_t)(page_of(client)[0] - client->seqno) >= 0;
}

bool native_wait(const struct native_client *client, uint64_t milliseconds)
{
    uint64_t deadline = deadline_ms(milliseconds);
    while (!native_is_done(client) && !deadline_passed(deadline))
        cpu_pause();
    return native_is_done(client);
}
