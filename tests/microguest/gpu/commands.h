/* One function for each virtio-gpu command; each returns the response's type. */
#ifndef MICROGUEST_GPU_COMMANDS_H
#define MICROGUEST_GPU_COMMANDS_H

#include "gpu/device.h"

uint32_t gpu_get_display_info(struct gpu *gpu);
uint32_t gpu_get_edid(struct gpu *gpu, uint32_t scanout);
uint32_t gpu_resource_create_2d(struct gpu *gpu, uint32_t resource, uint32_t format, uint32_t width,
                                uint32_t height);
uint32_t gpu_resource_unref(struct gpu *gpu, uint32_t resource);
uint32_t gpu_set_scanout(struct gpu *gpu, uint32_t scanout, uint32_t resource, struct virtio_gpu_rect r);
uint32_t gpu_resource_flush(struct gpu *gpu, uint32_t resource, struct virtio_gpu_rect r);
uint32_t gpu_transfer_to_host_2d(struct gpu *gpu, uint32_t resource, struct virtio_gpu_rect r,
                                 uint64_t offset);
uint32_t gpu_attach_backing(struct gpu *gpu, uint32_t resource, const struct virtio_gpu_mem_entry *entries,
                            uint32_t count);
/* One contiguous range. */
uint32_t gpu_attach_memory(struct gpu *gpu, uint32_t resource, const void *memory, uint32_t length);
uint32_t gpu_detach_backing(struct gpu *gpu, uint32_t resource);

uint32_t gpu_get_capset_info(struct gpu *gpu, uint32_t index);
uint32_t gpu_get_capset(struct gpu *gpu, uint32_t id, uint32_t version);
uint32_t gpu_ctx_create(struct gpu *gpu, uint32_t context, uint32_t context_init, const char *name);
uint32_t gpu_ctx_destroy(struct gpu *gpu, uint32_t context);
uint32_t gpu_ctx_attach_resource(struct gpu *gpu, uint32_t context, uint32_t resource);
uint32_t gpu_ctx_detach_resource(struct gpu *gpu, uint32_t context, uint32_t resource);
uint32_t gpu_resource_create_3d(struct gpu *gpu, const struct virtio_gpu_resource_create_3d *create);
/* type is VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D or _FROM_HOST_3D; fenced. */
uint32_t gpu_transfer_3d(struct gpu *gpu, uint32_t type, uint32_t context, uint32_t resource,
                         struct virtio_gpu_box box, uint64_t offset, uint32_t stride);
/* Fenced: the answer comes when the stream has been executed. */
uint32_t gpu_submit_3d(struct gpu *gpu, uint32_t context, const uint32_t *stream, uint32_t dwords);

#endif
