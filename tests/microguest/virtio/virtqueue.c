/* Ring handling. */
#include "virtio/virtqueue.h"

#include "core/instructions.h"
#include "core/memory.h"
#include "core/tsc.h"

static bool has_event_idx(const struct virtqueue *queue)
{
    return (queue->device->features & VIRTIO_F_EVENT_IDX) != 0;
}

static volatile uint16_t *used_event(const struct virtqueue *queue)
{
    return &queue->avail->ring[queue->size];
}

static volatile uint16_t *avail_event(const struct virtqueue *queue)
{
    return (volatile uint16_t *)&queue->used->ring[queue->size];
}

static void write64(uint64_t address, uint64_t value)
{
    mmio_write32(address, (uint32_t)value);
    mmio_write32(address + 4, (uint32_t)(value >> 32));
}

bool virtqueue_setup(struct virtqueue *queue, struct virtio_device *device, uint16_t index,
                     uint16_t wanted_size, uint16_t msix_entry)
{
    uint64_t common = device->common.address;
    mmio_write16(common + VIRTIO_PCI_COMMON_Q_SELECT, index);
    uint16_t size = mmio_read16(common + VIRTIO_PCI_COMMON_Q_SIZE);
    if (size == 0)
        return false;
    if (wanted_size && wanted_size < size)
        size = wanted_size;
    queue->device = device;
    queue->index = index;
    queue->size = size;
    queue->desc = memory_allocate(sizeof(struct virtq_desc) * size, PAGE_SIZE);
    queue->avail = memory_allocate(6 + 2ul * size, 64);
    queue->used = memory_allocate(6 + 8ul * size, 64);
    return virtqueue_enable(queue, msix_entry);
}

bool virtqueue_enable(struct virtqueue *queue, uint16_t msix_entry)
{
    struct virtio_device *device = queue->device;
    uint64_t common = device->common.address;
    memset((void *)queue->desc, 0, sizeof(struct virtq_desc) * queue->size);
    memset((void *)queue->avail, 0, 6 + 2ul * queue->size);
    memset((void *)queue->used, 0, 6 + 8ul * queue->size);
    for (uint16_t i = 0; i < queue->size; i++)
        queue->desc[i].next = i + 1;
    queue->free_head = 0;
    queue->free_count = queue->size;
    queue->avail_next = queue->avail_told = queue->used_next = 0;
    virtqueue_disable_interrupts(queue);

    mmio_write16(common + VIRTIO_PCI_COMMON_Q_SELECT, queue->index);
    mmio_write16(common + VIRTIO_PCI_COMMON_Q_SIZE, queue->size);
    mmio_write16(common + VIRTIO_PCI_COMMON_Q_MSIX, msix_entry);
    if (mmio_read16(common + VIRTIO_PCI_COMMON_Q_MSIX) != msix_entry)
        return false;
    write64(common + VIRTIO_PCI_COMMON_Q_DESCLO, (uint64_t)queue->desc);
    write64(common + VIRTIO_PCI_COMMON_Q_AVAILLO, (uint64_t)queue->avail);
    write64(common + VIRTIO_PCI_COMMON_Q_USEDLO, (uint64_t)queue->used);
    uint64_t offset = (uint64_t)mmio_read16(common + VIRTIO_PCI_COMMON_Q_NOFF) * device->notify_multiplier;
    if (offset + 2 > device->notify.length)
        return false;
    queue->notify_address = device->notify.address + offset;
    mmio_write16(common + VIRTIO_PCI_COMMON_Q_ENABLE, 1);
    return mmio_read16(common + VIRTIO_PCI_COMMON_Q_ENABLE) == 1;
}

static void fill(volatile struct virtq_desc *desc, const struct virtq_buffer *buffer, bool write, bool last,
                 uint16_t next)
{
    desc->addr = buffer->address;
    desc->len = buffer->length;
    desc->flags = (write ? VIRTQ_DESC_F_WRITE : 0) | (last ? 0 : VIRTQ_DESC_F_NEXT);
    desc->next = last ? 0 : next;
}

uint16_t virtqueue_add(struct virtqueue *queue, const struct virtq_buffer *buffers, uint16_t readable,
                       uint16_t writable, struct virtq_desc *table)
{
    uint16_t count = readable + writable;
    if (queue->free_count < (table ? 1 : count))
        return VIRTQUEUE_FULL;
    uint16_t head = queue->free_head;
    if (table) {
        for (uint16_t i = 0; i < count; i++)
            fill(&table[i], &buffers[i], i >= readable, i + 1 == count, i + 1);
        queue->free_head = queue->desc[head].next;
        queue->free_count--;
        queue->desc[head].addr = (uint64_t)table;
        queue->desc[head].len = count * (uint32_t)sizeof *table;
        queue->desc[head].flags = VIRTQ_DESC_F_INDIRECT;
    } else {
        uint16_t at = head;
        for (uint16_t i = 0; i < count; i++) {
            uint16_t next = queue->desc[at].next;
            fill(&queue->desc[at], &buffers[i], i >= readable, i + 1 == count, next);
            at = next;
        }
        queue->free_head = at;
        queue->free_count -= count;
    }
    queue->avail->ring[queue->avail_next++ % queue->size] = head;
    return head;
}

void virtqueue_notify(const struct virtqueue *queue)
{
    mmio_write16(queue->notify_address, queue->index);
}

bool virtqueue_kick(struct virtqueue *queue)
{
    uint16_t before = queue->avail_told;
    compiler_barrier();
    queue->avail->idx = queue->avail_next;
    queue->avail_told = queue->avail_next;
    memory_barrier();
    bool needed;
    if (has_event_idx(queue)) {
        uint16_t event = *avail_event(queue);
        needed = (uint16_t)(queue->avail_next - event - 1) < (uint16_t)(queue->avail_next - before);
    } else {
        needed = !(queue->used->flags & VIRTQ_USED_F_NO_NOTIFY);
    }
    if (needed)
        virtqueue_notify(queue);
    return needed;
}

static void release(struct virtqueue *queue, uint16_t head)
{
    uint16_t last = head;
    uint16_t count = 1;
    while ((queue->desc[last].flags & VIRTQ_DESC_F_NEXT) && count < queue->size) {
        last = queue->desc[last].next % queue->size;
        count++;
    }
    queue->desc[last].next = queue->free_head;
    queue->free_head = head;
    queue->free_count += count;
}

bool virtqueue_pop(struct virtqueue *queue, uint16_t *head, uint32_t *length)
{
    if (queue->used->idx == queue->used_next)
        return false;
    compiler_barrier();
    volatile struct virtq_used_elem *element = &queue->used->ring[queue->used_next++ % queue->size];
    *head = (uint16_t)element->id;
    if (length)
        *length = element->len;
    release(queue, *head % queue->size);
    return true;
}

bool virtqueue_wait(struct virtqueue *queue, uint16_t *head, uint32_t *length, uint64_t milliseconds)
{
    uint64_t deadline = deadline_ms(milliseconds);
    while (!virtqueue_pop(queue, head, length)) {
        if (deadline_passed(deadline))
            return false;
        cpu_pause();
    }
    return true;
}

void virtqueue_disable_interrupts(struct virtqueue *queue)
{
    queue->avail->flags = VIRTQ_AVAIL_F_NO_INTERRUPT;
    if (has_event_idx(queue))
        /* Far from what is to come, and from what came last: the device may only now be looking whether that was waited for. */
        *used_event(queue) = queue->used_next + 0x8000;
}

void virtqueue_enable_interrupts(struct virtqueue *queue, uint16_t after)
{
    queue->avail->flags = 0;
    if (has_event_idx(queue))
        *used_event(queue) = queue->used_next + after - 1;
    memory_barrier();
}
