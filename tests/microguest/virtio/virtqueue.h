/* Split virtqueues, driver's side (virtio 1.3, 2.7). */
#ifndef MICROGUEST_VIRTQUEUE_H
#define MICROGUEST_VIRTQUEUE_H

#include "virtio/transport.h"

#define VIRTQ_DESC_F_NEXT     1
#define VIRTQ_DESC_F_WRITE    2
#define VIRTQ_DESC_F_INDIRECT 4

#define VIRTQ_USED_F_NO_NOTIFY     1
#define VIRTQ_AVAIL_F_NO_INTERRUPT 1

struct virtq_desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags;
    uint16_t next;
};

/* followed by le16 used_event */
struct virtq_avail {
    uint16_t flags;
    uint16_t idx;
    uint16_t ring[];
};

struct virtq_used_elem {
    uint32_t id;
    uint32_t len;
};

/* followed by le16 avail_event */
struct virtq_used {
    uint16_t flags;
    uint16_t idx;
    struct virtq_used_elem ring[];
};

struct virtqueue {
    struct virtio_device *device;
    uint16_t index, size;
    volatile struct virtq_desc *desc;
    volatile struct virtq_avail *avail;
    volatile struct virtq_used *used;
    uint64_t notify_address;
    uint16_t free_head, free_count;
    uint16_t avail_next; /* what avail->idx will be */
    uint16_t avail_told; /* what it was at the last kick */
    uint16_t used_next;
};

struct virtq_buffer {
    uint64_t address;
    uint32_t length;
};

#define VIRTQUEUE_FULL 0xffff

/*
 * Allocates the rings, tells the device and enables the queue. wanted_size 0 takes the device's size.
 * msix_entry may be VIRTIO_MSI_NO_VECTOR. Before DRIVER_OK.
 */
bool virtqueue_setup(struct virtqueue *queue, struct virtio_device *device, uint16_t index,
                     uint16_t wanted_size, uint16_t msix_entry);
/* Tells the device where the rings lie, and empties them: after a reset, with the same memory. */
bool virtqueue_enable(struct virtqueue *queue, uint16_t msix_entry);

/*
 * Adds a chain of readable, then writable buffers; returns its head, or VIRTQUEUE_FULL. With a table (room
 * for all buffers) it takes one descriptor and is indirect. Not seen by the device before the kick.
 */
uint16_t virtqueue_add(struct virtqueue *queue, const struct virtq_buffer *buffers, uint16_t readable,
                       uint16_t writable, struct virtq_desc *table);
/* Publishes what was added and notifies the device if it wants that; returns whether it did. */
bool virtqueue_kick(struct virtqueue *queue);
/* Notifies without asking. */
void virtqueue_notify(const struct virtqueue *queue);
/* Takes a used chain; false if there is none. length may be NULL. */
bool virtqueue_pop(struct virtqueue *queue, uint16_t *head, uint32_t *length);
/* Polls until a chain is used or the time is up. */
bool virtqueue_wait(struct virtqueue *queue, uint16_t *head, uint32_t *length, uint64_t milliseconds);

/* Interrupts: off, or wanted when the used index passes `after` more chains (EVENT_IDX; else at once). */
void virtqueue_disable_interrupts(struct virtqueue *queue);
void virtqueue_enable_interrupts(struct virtqueue *queue, uint16_t after);

#endif
