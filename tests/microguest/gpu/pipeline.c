/* Slots for commands in flight. */
#include "gpu/pipeline.h"

#include "core/instructions.h"
#include "core/memory.h"

struct gpu_pipeline gpu_pipeline_create(struct gpu *gpu, uint32_t depth)
{
    uint32_t most = gpu->indirect ? gpu->control.size : gpu->control.size / 3;
    depth = depth < most ? depth : most;
    return (struct gpu_pipeline){gpu, memory_allocate(sizeof(struct gpu_slot) * depth, PAGE_SIZE), depth,
                                 memory_allocate(sizeof(uint32_t) * gpu->control.size, 16), 0};
}

bool gpu_pipeline_add(struct gpu_pipeline *p, const void *request, uint32_t length, const void *extra,
                      uint32_t extra_length)
{
    uint32_t index = 0;
    while (index < p->slot_count && p->slots[index].busy)
        index++;
    if (index == p->slot_count)
        return false;
    struct gpu_slot *slot = &p->slots[index];
    struct virtq_buffer buffers[3] = {{(uint64_t)slot->request, length}};
    uint16_t readable = 1;
    if (extra_length)
        buffers[readable++] = (struct virtq_buffer){(uint64_t)extra, extra_length};
    buffers[readable] = (struct virtq_buffer){(uint64_t)slot->response, GPU_SLOT_RESPONSE_BYTES};
    memcpy(slot->request, request, length);
    *gpu_slot_header(slot) = (struct virtio_gpu_ctrl_hdr){0};
    uint16_t head =
        virtqueue_add(&p->gpu->control, buffers, readable, 1, p->gpu->indirect ? slot->table : NULL);
    if (head == VIRTQUEUE_FULL)
        return false;
    p->slot_of_head[head] = index;
    slot->busy = true;
    slot->submitted = rdtsc();
    p->in_flight++;
    return true;
}

struct gpu_slot *gpu_pipeline_reap(struct gpu_pipeline *p, uint64_t milliseconds)
{
    uint16_t head;
    uint32_t length;
    if (!virtqueue_wait(&p->gpu->control, &head, &length, milliseconds) || head >= p->gpu->control.size)
        return NULL;
    struct gpu_slot *slot = &p->slots[p->slot_of_head[head]];
    slot->response_length = length;
    slot->busy = false;
    p->in_flight--;
    return slot;
}
