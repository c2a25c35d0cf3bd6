/* Building the commands of blobs. */
#include "gpu/blob.h"

#include "core/cmdline.h"
#include "core/memory.h"
#include "core/report.h"

#define CONTEXT 1

bool blob_window_open(struct blob_window *window, struct gpu *gpu)
{
    bool venus = cmdline_flag("venus");
    uint64_t features = VIRTIO_GPU_F_RESOURCE_BLOB | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX;
    if (venus || cmdline_flag("native"))
        features |= VIRTIO_GPU_F_VIRGL | VIRTIO_GPU_F_CONTEXT_INIT;
    if (!gpu_open(gpu, features))
        return false;
    struct virtio_region region = virtio_shared_memory(gpu->device.function, VIRTIO_GPU_SHM_ID_HOST_VISIBLE);
    *window = (struct blob_window){gpu, (uint8_t *)region.address, region.length,
                                   venus ? CONTEXT : BLOB_NO_CONTEXT};
    if (!(gpu->device.features & VIRTIO_GPU_F_RESOURCE_BLOB) || !region.length) {
        report_skip("no blobs or no host-visible window: features=%lx window=%lx", gpu->device.features,
                    region.length);
        gpu_close(gpu);
        return false;
    }
    return blob_context_open(window);
}

bool blob_context_open(struct blob_window *window)
{
    return window->context == BLOB_NO_CONTEXT ||
           check(gpu_ctx_create(window->gpu, window->context, VIRTIO_GPU_CAPSET_VENUS, "blob") ==
                     VIRTIO_GPU_RESP_OK_NODATA,
                 "Venus context expected made");
}

void blob_window_close(struct blob_window *window)
{
    if (window->context)
        gpu_ctx_destroy(window->gpu, window->context);
    gpu_close(window->gpu);
}

uint32_t blob_create(struct blob_window *window, uint32_t resource, uint64_t size)
{
    struct virtio_gpu_resource_create_blob command = {
        {.type = VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB, .ctx_id = window->context},
        resource,
        VIRTIO_GPU_BLOB_MEM_HOST3D,
        VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE,
        0,
        0,
        size};
    return gpu_command(window->gpu, &command, sizeof command, NULL, 0);
}

uint32_t blob_create_of_guest(struct gpu *gpu, uint32_t resource, const void *memory, uint32_t size)
{
    static struct virtio_gpu_mem_entry entry __attribute__((aligned(16)));
    struct virtio_gpu_resource_create_blob command = {{.type = VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB},
                                                      resource,
                                                      VIRTIO_GPU_BLOB_MEM_GUEST,
                                                      VIRTIO_GPU_BLOB_FLAG_USE_SHAREABLE,
                                                      1,
                                                      0,
                                                      size};
    entry = (struct virtio_gpu_mem_entry){(uint64_t)memory, size, 0};
    return gpu_command(gpu, &command, sizeof command, &entry, sizeof entry);
}

uint32_t blob_map(struct blob_window *window, uint32_t resource, uint64_t offset)
{
    struct virtio_gpu_resource_map_blob command = {
        {.type = VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB}, resource, 0, offset};
    return gpu_command(window->gpu, &command, sizeof command, NULL, 0);
}

uint32_t blob_unmap(struct blob_window *window, uint32_t resource)
{
    struct virtio_gpu_resource_command command = {{.type = VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB}, resource, 0};
    return gpu_command(window->gpu, &command, sizeof command, NULL, 0);
}

uint32_t blob_set_scanout(struct gpu *gpu, uint32_t resource, uint32_t width, uint32_t height)
{
    struct virtio_gpu_set_scanout_blob command = {{.type = VIRTIO_GPU_CMD_SET_SCANOUT_BLOB},
                                                  {0, 0, width, height},
                                                  0,
                                                  resource,
                                                  width,
                                                  height,
                                                  VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM,
                                                  0,
                                                  {width * 4},
                                                  {0}};
    return gpu_command(gpu, &command, sizeof command, NULL, 0);
}
