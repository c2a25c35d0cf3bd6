/* The interface of Linux's virtio-gpu driver, as far as it is used here: drm/drm.h and drm/virtgpu_drm.h. */
#pragma once

#include <stdint.h>
#include <sys/ioctl.h>

#define DRM_IOWR(number, type) _IOWR('d', number, type)
#define DRM_IOW(number, type)  _IOW('d', number, type)

struct drm_gem_close {
    uint32_t handle, pad;
};

struct drm_prime_handle {
    uint32_t handle, flags;
    int32_t fd;
};

struct drm_virtgpu_map {
    uint64_t offset;
    uint32_t handle, pad;
};

struct drm_virtgpu_execbuffer {
    uint32_t flags, size;
    uint64_t command, bo_handles;
    uint32_t num_bo_handles;
    int32_t fence_fd;
    uint32_t ring_idx, syncobj_stride, num_in_syncobjs, num_out_syncobjs;
    uint64_t in_syncobjs, out_syncobjs;
};

struct drm_virtgpu_getparam {
    uint64_t param, value;
};

struct drm_virtgpu_resource_info {
    uint32_t bo_handle, res_handle, size, blob_mem;
};

struct drm_virtgpu_3d_wait {
    uint32_t handle, flags;
};

struct drm_virtgpu_get_caps {
    uint32_t cap_set_id, cap_set_ver;
    uint64_t addr;
    uint32_t size, pad;
};

struct drm_virtgpu_resource_create_blob {
    uint32_t blob_mem, blob_flags, bo_handle, res_handle;
    uint64_t size;
    uint32_t pad, cmd_size;
    uint64_t cmd, blob_id;
};

struct drm_virtgpu_context_set_param {
    uint64_t param, value;
};

struct drm_virtgpu_context_init {
    uint32_t num_params, pad;
    uint64_t ctx_set_params;
};

#define DRM_IOCTL_GEM_CLOSE                    DRM_IOW(0x09, struct drm_gem_close)
#define DRM_IOCTL_PRIME_HANDLE_TO_FD           DRM_IOWR(0x2d, struct drm_prime_handle)
#define DRM_IOCTL_PRIME_FD_TO_HANDLE           DRM_IOWR(0x2e, struct drm_prime_handle)
#define DRM_IOCTL_VIRTGPU_MAP                  DRM_IOWR(0x41, struct drm_virtgpu_map)
#define DRM_IOCTL_VIRTGPU_EXECBUFFER           DRM_IOWR(0x42, struct drm_virtgpu_execbuffer)
#define DRM_IOCTL_VIRTGPU_GETPARAM             DRM_IOWR(0x43, struct drm_virtgpu_getparam)
#define DRM_IOCTL_VIRTGPU_RESOURCE_INFO        DRM_IOWR(0x45, struct drm_virtgpu_resource_info)
#define DRM_IOCTL_VIRTGPU_WAIT                 DRM_IOWR(0x48, struct drm_virtgpu_3d_wait)
#define DRM_IOCTL_VIRTGPU_GET_CAPS             DRM_IOWR(0x49, struct drm_virtgpu_get_caps)
#define DRM_IOCTL_VIRTGPU_RESOURCE_CREATE_BLOB DRM_IOWR(0x4a, struct drm_virtgpu_resource_create_blob)
#define DRM_IOCTL_VIRTGPU_CONTEXT_INIT         DRM_IOWR(0x4b, struct drm_virtgpu_context_init)

#define VIRTGPU_PARAM_RESOURCE_BLOB 3
#define VIRTGPU_PARAM_HOST_VISIBLE  4
#define VIRTGPU_PARAM_CONTEXT_INIT  6

#define VIRTGPU_EXECBUF_FENCE_FD_IN  1
#define VIRTGPU_EXECBUF_FENCE_FD_OUT 2
#define VIRTGPU_EXECBUF_RING_IDX     4

#define VIRTGPU_BLOB_MEM_HOST3D         2
#define VIRTGPU_BLOB_FLAG_USE_MAPPABLE  1
#define VIRTGPU_BLOB_FLAG_USE_SHAREABLE 2

#define VIRTGPU_CONTEXT_PARAM_CAPSET_ID       1
#define VIRTGPU_CONTEXT_PARAM_NUM_RINGS       2
#define VIRTGPU_CONTEXT_PARAM_POLL_RINGS_MASK 3

#define VIRTIO_GPU_CAPSET_DRM 6
