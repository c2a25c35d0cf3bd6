/* 3D requests that make no sense. They are made in a context of their own, which they may spoil. */
#include "core/cmdline.h"
#include "core/memory.h"
#include "core/report.h"
#include "tests/gpu3d.h"

#define ANY_ERROR     0
#define UNKNOWN       0x7fff
#define ERROR_CONTEXT 3
#define RUBBISH       4

static void refuse(uint32_t got, uint32_t wanted, const char *what)
{
    bool is_error = got >= VIRTIO_GPU_RESP_ERR_UNSPEC && got <= VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    check(gpu_is_answer(wanted, got) || (wanted == ANY_ERROR && is_error), "%s expected %s got %s", what,
          wanted == ANY_ERROR ? "an error" : gpu_response_name(wanted), gpu_response_name(got));
}

static void check_contexts(struct gpu *gpu, uint32_t resource)
{
    uint32_t *nop = memory_allocate(16, 16);
    refuse(gpu_submit_3d(gpu, UNKNOWN, nop, 1), VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID,
           "submit to no context");
    refuse(gpu_ctx_create(gpu, GPU3D_CONTEXT, 0, "twice"), ANY_ERROR, "context twice");
    refuse(gpu_ctx_create(gpu, 0, 0, "zero"), ANY_ERROR, "context 0");
    refuse(gpu_ctx_destroy(gpu, UNKNOWN), VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, "destroy no context");
    refuse(gpu_ctx_attach_resource(gpu, UNKNOWN, resource), VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID,
           "attach to no context");
    refuse(gpu_ctx_attach_resource(gpu, ERROR_CONTEXT, UNKNOWN), VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID,
           "attach no resource");
    refuse(gpu_get_capset_info(gpu, gpu->capsets), VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, "capset index");
    refuse(gpu_get_capset(gpu, 0xffff, 0), VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, "capset id");
}

static void check_resources(struct gpu *gpu, uint32_t resource)
{
    static const struct virtio_gpu_box whole = {0, 0, 0, GPU3D_WIDTH, GPU3D_HEIGHT, 1};
    static const struct virtio_gpu_box outside[] = {{GPU3D_WIDTH, 0, 0, GPU3D_WIDTH, GPU3D_HEIGHT, 1},
                                                    {0, 0, 0, GPU3D_WIDTH + 1, GPU3D_HEIGHT, 1},
                                                    {0, 0, 1, GPU3D_WIDTH, GPU3D_HEIGHT, 1},
                                                    {0xfffffff0, 0, 0, 0x20, 1, 1}};
    static const uint32_t directions[] = {VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D,
                                          VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D};
    struct virtio_gpu_resource_create_3d create = {.resource_id = resource,
                                                   .target = PIPE_TEXTURE_2D,
                                                   .format = VIRGL_FORMAT_B8G8R8A8_UNORM,
                                                   .width = 4,
                                                   .height = 4,
                                                   .depth = 1,
                                                   .array_size = 1};
    for (uint32_t d = 0; d < 2; d++) {
        refuse(gpu_transfer_3d(gpu, directions[d], ERROR_CONTEXT, UNKNOWN, whole, 0, 0),
               VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, "transfer of no resource");
        for (uint32_t i = 0; i < sizeof outside / sizeof *outside; i++)
            refuse(
                gpu_transfer_3d(gpu, directions[d], ERROR_CONTEXT, resource, outside[i], 0, GPU3D_WIDTH * 4),
                ANY_ERROR, "transfer outside");
        refuse(
            gpu_transfer_3d(gpu, directions[d], ERROR_CONTEXT, resource, whole, 1ul << 40, GPU3D_WIDTH * 4),
            ANY_ERROR, "transfer from far behind the backing");
    }
    refuse(gpu_resource_create_3d(gpu, &create), ANY_ERROR, "resource id in use");
    create.resource_id = 0;
    refuse(gpu_resource_create_3d(gpu, &create), ANY_ERROR, "resource id 0");
    create.resource_id = UNKNOWN;
    create.target = 77;
    refuse(gpu_resource_create_3d(gpu, &create), ANY_ERROR, "texture target 77");
    create.target = PIPE_TEXTURE_2D;
    create.format = 0xffff;
    refuse(gpu_resource_create_3d(gpu, &create), ANY_ERROR, "format ffff");
}

static void check_ring_index(struct gpu *gpu)
{
    const struct virtio_gpu_ctrl_hdr *answer = (const struct virtio_gpu_ctrl_hdr *)gpu->response;
    struct virtio_gpu_cmd_submit command = {
        .hdr = {.type = VIRTIO_GPU_CMD_SUBMIT_3D,
                .flags = VIRTIO_GPU_FLAG_FENCE | VIRTIO_GPU_FLAG_INFO_RING_IDX,
                .fence_id = 0xabcdef,
                .ctx_id = GPU3D_CONTEXT}};
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_command(gpu, &command, sizeof command, NULL, 0));
    check(answer->flags == (VIRTIO_GPU_FLAG_FENCE | VIRTIO_GPU_FLAG_INFO_RING_IDX) &&
              answer->fence_id == 0xabcdef && answer->ctx_id == GPU3D_CONTEXT && answer->ring_idx == 0,
          "ring fence expected flags 3 id abcdef ctx %u ring 0 got %x %lx %u %u", GPU3D_CONTEXT,
          answer->flags, answer->fence_id, answer->ctx_id, answer->ring_idx);
    command.hdr.ring_idx = 64;
    refuse(gpu_command(gpu, &command, sizeof command, NULL, 0), ANY_ERROR, "ring_idx 64");
    check(answer->flags & VIRTIO_GPU_FLAG_FENCE, "fence of a refused command expected signalled");
}

/* Rubbish spoils at most its own context: the others go on drawing. */
static void check_isolation(struct gpu *gpu)
{
    uint32_t *stream = memory_allocate(16, 16);
    if (!expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_ctx_create(gpu, RUBBISH, 0, "rubbish")))
        return;
    stream[0] = VIRGL_CMD0(VIRGL_MAX_COMMANDS + 50, 0, 1);
    gpu_submit_3d(gpu, RUBBISH, stream, 2);
    stream[0] = VIRGL_CMD0(VIRGL_CCMD_CLEAR, 0, 0xffff);
    gpu_submit_3d(gpu, RUBBISH, stream, 1);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_ctx_destroy(gpu, RUBBISH));
    gpu3d_check_clear(gpu);
}

void gpu3d_check_errors(struct gpu *gpu)
{
    struct texture texture;
    /* QEMU does not look at what the renderer answers. */
    if (!cmdline_list_has("peer", "qemu") && gpu3d_context_create(gpu, ERROR_CONTEXT) &&
        texture_create(gpu, &texture, ERROR_CONTEXT, 15)) {
        check_contexts(gpu, texture.resource);
        check_resources(gpu, texture.resource);
        texture_destroy(gpu, &texture, ERROR_CONTEXT);
        expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_ctx_destroy(gpu, ERROR_CONTEXT));
        if (gpu->device.features & VIRTIO_GPU_F_CONTEXT_INIT)
            check_ring_index(gpu);
    }
    check_isolation(gpu);
}
