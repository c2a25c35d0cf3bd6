/* Building commands. */
#include "gpu/commands.h"

#include "core/memory.h"

static uint32_t send(struct gpu *gpu, const void *request, uint32_t length)
{
    return gpu_command(gpu, request, length, NULL, 0);
}

static struct virtio_gpu_ctrl_hdr header(uint32_t type, uint32_t context)
{
    return (struct virtio_gpu_ctrl_hdr){.type = type, .ctx_id = context};
}

static struct virtio_gpu_ctrl_hdr fenced(struct gpu *gpu, uint32_t type, uint32_t context)
{
    return (struct virtio_gpu_ctrl_hdr){
        .type = type, .flags = VIRTIO_GPU_FLAG_FENCE, .fence_id = gpu->next_fence++, .ctx_id = context};
}

static uint32_t resource_command(struct gpu *gpu, uint32_t type, uint32_t context, uint32_t resource)
{
    struct virtio_gpu_resource_command command = {header(type, context), resource, 0};
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_get_display_info(struct gpu *gpu)
{
    struct virtio_gpu_ctrl_hdr command = header(VIRTIO_GPU_CMD_GET_DISPLAY_INFO, 0);
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_get_edid(struct gpu *gpu, uint32_t scanout)
{
    struct virtio_gpu_get_edid command = {header(VIRTIO_GPU_CMD_GET_EDID, 0), scanout, 0};
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_resource_create_2d(struct gpu *gpu, uint32_t resource, uint32_t format, uint32_t width,
                                uint32_t height)
{
    struct virtio_gpu_resource_create_2d command = {header(VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, 0), resource,
                                                    format, width, height};
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_resource_unref(struct gpu *gpu, uint32_t resource)
{
    return resource_command(gpu, VIRTIO_GPU_CMD_RESOURCE_UNREF, 0, resource);
}

uint32_t gpu_set_scanout(struct gpu *gpu, uint32_t scanout, uint32_t resource, struct virtio_gpu_rect r)
{
    struct virtio_gpu_set_scanout command = {header(VIRTIO_GPU_CMD_SET_SCANOUT, 0), r, scanout, resource};
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_resource_flush(struct gpu *gpu, uint32_t resource, struct virtio_gpu_rect r)
{
    struct virtio_gpu_resource_flush command = {header(VIRTIO_GPU_CMD_RESOURCE_FLUSH, 0), r, resource, 0};
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_transfer_to_host_2d(struct gpu *gpu, uint32_t resource, struct virtio_gpu_rect r,
                                 uint64_t offset)
{
    struct virtio_gpu_transfer_to_host_2d command = {header(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D, 0), r, offset,
                                                     resource, 0};
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_attach_backing(struct gpu *gpu, uint32_t resource, const struct virtio_gpu_mem_entry *entries,
                            uint32_t count)
{
    struct virtio_gpu_resource_attach_backing command = {header(VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING, 0),
                                                         resource, count};
    return gpu_command(gpu, &command, sizeof command, entries, count * (uint32_t)sizeof *entries);
}

uint32_t gpu_attach_memory(struct gpu *gpu, uint32_t resource, const void *memory, uint32_t length)
{
    static struct virtio_gpu_mem_entry entry __attribute__((aligned(16)));
    entry = (struct virtio_gpu_mem_entry){(uint64_t)memory, length, 0};
    return gpu_attach_backing(gpu, resource, &entry, 1);
}

uint32_t gpu_detach_backing(struct gpu *gpu, uint32_t resource)
{
    return resource_command(gpu, VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, 0, resource);
}

uint32_t gpu_get_capset_info(struct gpu *gpu, uint32_t index)
{
    struct virtio_gpu_get_capset_info command = {header(VIRTIO_GPU_CMD_GET_CAPSET_INFO, 0), index, 0};
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_get_capset(struct gpu *gpu, uint32_t id, uint32_t version)
{
    struct virtio_gpu_get_capset command = {header(VIRTIO_GPU_CMD_GET_CAPSET, 0), id, version};
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_ctx_create(struct gpu *gpu, uint32_t context, uint32_t context_init, const char *name)
{
    struct virtio_gpu_ctx_create command = {
        header(VIRTIO_GPU_CMD_CTX_CREATE, context), (uint32_t)strlen(name), context_init, {0}};
    memcpy(command.debug_name, name, command.nlen);
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_ctx_destroy(struct gpu *gpu, uint32_t context)
{
    struct virtio_gpu_ctrl_hdr command = header(VIRTIO_GPU_CMD_CTX_DESTROY, context);
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_ctx_attach_resource(struct gpu *gpu, uint32_t context, uint32_t resource)
{
    return resource_command(gpu, VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, context, resource);
}

uint32_t gpu_ctx_detach_resource(struct gpu *gpu, uint32_t context, uint32_t resource)
{
    return resource_command(gpu, VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE, context, resource);
}

uint32_t gpu_resource_create_3d(struct gpu *gpu, const struct virtio_gpu_resource_create_3d *create)
{
    struct virtio_gpu_resource_create_3d command = *create;
    command.hdr = header(VIRTIO_GPU_CMD_RESOURCE_CREATE_3D, 0);
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_transfer_3d(struct gpu *gpu, uint32_t type, uint32_t context, uint32_t resource,
                         struct virtio_gpu_box box, uint64_t offset, uint32_t stride)
{
    struct virtio_gpu_transfer_host_3d command = {
        fenced(gpu, type, context), box, offset, resource, 0, stride, 0};
    return send(gpu, &command, sizeof command);
}

uint32_t gpu_submit_3d(struct gpu *gpu, uint32_t context, const uint32_t *stream, uint32_t dwords)
{
    struct virtio_gpu_cmd_submit command = {fenced(gpu, VIRTIO_GPU_CMD_SUBMIT_3D, context), dwords * 4, 0};
    return gpu_command(gpu, &command, sizeof command, stream, dwords * 4);
}
