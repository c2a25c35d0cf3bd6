/* Many commands in flight on the control queue. */
#ifndef MICROGUEST_GPU_PIPELINE_H
#define MICROGUEST_GPU_PIPELINE_H

#include "gpu/device.h"

#define GPU_SLOT_REQUEST_BYTES  256
#define GPU_SLOT_RESPONSE_BYTES 1280

struct gpu_slot {
    uint8_t request[GPU_SLOT_REQUEST_BYTES];
    uint8_t response[GPU_SLOT_RESPONSE_BYTES];
    struct virtq_desc table[4];
    uint32_t response_length;
    bool busy;
    uint64_t submitted; /* TSC */
};

struct gpu_pipeline {
    struct gpu *gpu;
    struct gpu_slot *slots;
    uint32_t slot_count;
    uint32_t *slot_of_head;
    uint32_t in_flight;
};

/* depth is cut to what the queue can hold. */
struct gpu_pipeline gpu_pipeline_create(struct gpu *gpu, uint32_t depth);
/* Adds a command without kicking; false if no slot or descriptor is free. */
bool gpu_pipeline_add(struct gpu_pipeline *pipeline, const void *request, uint32_t length, const void *extra,
                      uint32_t extra_length);
/* A command that has been answered, or NULL at the deadline. The slot is free for the next add. */
struct gpu_slot *gpu_pipeline_reap(struct gpu_pipeline *pipeline, uint64_t milliseconds);

static inline struct virtio_gpu_ctrl_hdr *gpu_slot_header(struct gpu_slot *slot)
{
    return (struct virtio_gpu_ctrl_hdr *)slot->response;
}

#endif
