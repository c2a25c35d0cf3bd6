/* Rounds of rubbish in the rings themselves, and queues set up in ways that make no sense. */
#include "core/instructions.h"
#include "core/memory.h"
#include "core/report.h"
#include "core/tsc.h"
#include "fuzz/fuzz.h"

#define SETTLE_US      3000
#define QUIET_US       800
#define STATUS_EACH_US 200
#define CHAINS         16
#define FRESH_TABLES   128

bool fuzz_settle(struct fuzz *fuzz, struct fuzz_target *target, const struct virtqueue *queue)
{
    uint64_t deadline = deadline_us(SETTLE_US), quiet = deadline_us(QUIET_US),
             look = deadline_us(STATUS_EACH_US);
    uint16_t seen = queue->used->idx;
    while (!deadline_passed(deadline) && !deadline_passed(quiet)) {
        if (queue->used->idx != seen) {
            seen = queue->used->idx;
            quiet = deadline_us(QUIET_US);
        }
        if (deadline_passed(look)) {
            if (virtio_status(target->device) & VIRTIO_CONFIG_S_NEEDS_RESET) {
                fuzz->needs_reset++;
                return true;
            }
            look = deadline_us(STATUS_EACH_US);
        }
        cpu_pause();
    }
    return false;
}

/* Sequences that a driver must never make, each a known trap of a ring's reader. */
static void lay_trap(struct fuzz *fuzz, struct virtqueue *queue, uint16_t head)
{
    struct random *r = &fuzz->random;
    volatile struct virtq_desc *desc = queue->desc;
    uint64_t scratch = (uint64_t)fuzz->scratch;
    uint16_t other = (uint16_t)random_below(r, queue->size);
    switch (random_below(r, 7)) {
    case 0: /* a chain that is its own tail */
        desc[head] = (struct virtq_desc){scratch, 64, VIRTQ_DESC_F_NEXT, head};
        break;
    case 1: /* a loop of two */
        desc[head] = (struct virtq_desc){scratch, 64, VIRTQ_DESC_F_NEXT, other};
        desc[other] = (struct virtq_desc){scratch, 64, VIRTQ_DESC_F_NEXT, head};
        break;
    case 2: /* next beyond the table */
        desc[head] = (struct virtq_desc){scratch, 64, VIRTQ_DESC_F_NEXT, queue->size + other};
        break;
    case 3: /* writable before readable */
        desc[head] = (struct virtq_desc){scratch, 64, VIRTQ_DESC_F_NEXT | VIRTQ_DESC_F_WRITE, other};
        desc[other] = (struct virtq_desc){scratch + 64, 64, 0, 0};
        break;
    case 4: /* an indirect table that leads to an indirect table */
        fuzz->tables[0] = (struct virtq_desc){(uint64_t)&fuzz->tables[1], 64, VIRTQ_DESC_F_INDIRECT, 0};
        fuzz->tables[1] = (struct virtq_desc){(uint64_t)&fuzz->tables[0], 64, VIRTQ_DESC_F_INDIRECT, 0};
        desc[head] = (struct virtq_desc){(uint64_t)fuzz->tables, 64, VIRTQ_DESC_F_INDIRECT, 0};
        break;
    case 5: /* a loop inside an indirect table */
        fuzz->tables[2] = (struct virtq_desc){scratch, 8, VIRTQ_DESC_F_NEXT, 1};
        fuzz->tables[3] = (struct virtq_desc){scratch, 8, VIRTQ_DESC_F_NEXT, 0};
        desc[head] = (struct virtq_desc){(uint64_t)&fuzz->tables[2], 32, VIRTQ_DESC_F_INDIRECT, 0};
        break;
    default: /* the longest chain there can be, of 4 GiB - 1 each */
        for (uint16_t i = 0; i < queue->size; i++)
            desc[i] = (struct virtq_desc){scratch, 0xffffffff, VIRTQ_DESC_F_NEXT, (i + 1) % queue->size};
    }
}

bool fuzz_rings(struct fuzz *fuzz, struct fuzz_target *target)
{
    struct random *r = &fuzz->random;
    struct virtqueue *queue = &target->queues[random_below(r, target->queue_count)];
    uint32_t chains = 1 + random_below(r, CHAINS);
    for (uint32_t i = 0; i < FRESH_TABLES; i++)
        fuzz->tables[random_below(r, FUZZ_TABLE_ENTRIES)] = fuzz_descriptor(fuzz, FUZZ_TABLE_ENTRIES);
    for (uint16_t i = 0; i < queue->size; i++)
        queue->desc[i] = fuzz_descriptor(fuzz, queue->size);
    /* Readable buffers may as well hold commands. */
    for (int i = 0; i < 4 && target->device == &fuzz->gpu.device; i++)
        fuzz_make_command(fuzz, fuzz->scratch + 256 * random_below(r, 64), 256);

    uint16_t avail = queue->avail_next;
    for (uint32_t i = 0; i < chains; i++) {
        uint16_t head =
            random_chance(r, 95) ? (uint16_t)random_below(r, queue->size) : (uint16_t)random_awkward(r);
        if (random_chance(r, 25))
            lay_trap(fuzz, queue, head % queue->size);
        queue->avail->ring[avail++ % queue->size] = head;
    }
    if (random_chance(r, 10))
        avail = (uint16_t)random_awkward(r);
    queue->avail->flags = (uint16_t)random_below(r, 4);
    compiler_barrier();
    queue->avail->idx = avail;
    memory_barrier();
    virtqueue_notify(queue);
    fuzz->operations += chains;
    fuzz_settle(fuzz, target, queue);
    return fuzz_recover(fuzz, target);
}

static void write_address(uint64_t at, uint64_t address)
{
    mmio_write32(at, (uint32_t)address);
    mmio_write32(at + 4, (uint32_t)(address >> 32));
}

/* Rings anywhere (the used ring, which is written, only where that is harmless), sizes, twice, alive. */
bool fuzz_queue_setup(struct fuzz *fuzz, struct fuzz_target *target)
{
    struct random *r = &fuzz->random;
    uint64_t common = target->device->common.address, ignored_address;
    struct virtqueue *queue = &target->queues[random_below(r, target->queue_count)];
    bool while_alive = random_chance(r, 40);
    if (!while_alive &&
        (!virtio_reset(target->device) || !virtio_negotiate(target->device, target->features)))
        return fuzz_recover(fuzz, target);
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t length;
        uint64_t desc, avail, used;
        fuzz_range(fuzz, false, &desc, &length);
        fuzz_range(fuzz, false, &avail, &length);
        fuzz_range(fuzz, true, &used, &length);
        if (!fuzz_may_write(fuzz, used & ~0xffful, 0x40000))
            used = (uint64_t)fuzz->scratch + random_below(r, 4096);
        ignored_address = desc;
        mmio_write16(common + VIRTIO_PCI_COMMON_Q_SELECT, queue->index);
        /* An indirect flag in random memory could lead anywhere: the table is one of ours, or unreadable. */
        if (memory_is_ram(desc, 16))
            desc = (uint64_t)fuzz->tables + (ignored_address & 0xff0);
        mmio_write16(common + VIRTIO_PCI_COMMON_Q_SIZE, random_chance(r, 70)
                                                            ? (uint16_t)(1u << random_below(r, 16))
                                                            : (uint16_t)random_awkward(r));
        write_address(common + VIRTIO_PCI_COMMON_Q_DESCLO, desc);
        write_address(common + VIRTIO_PCI_COMMON_Q_AVAILLO, avail);
        write_address(common + VIRTIO_PCI_COMMON_Q_USEDLO, used);
        mmio_write16(common + VIRTIO_PCI_COMMON_Q_ENABLE, (uint16_t)random_below(r, 3));
        if (random_chance(r, 50))
            virtio_driver_ok(target->device);
        virtqueue_notify(queue);
        fuzz->operations++;
    }
    fuzz_settle(fuzz, target, queue);
    return fuzz_recover(fuzz, target);
}
