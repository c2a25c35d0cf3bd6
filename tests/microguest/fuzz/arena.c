/* Addresses that are rubbish, but not fatal to the guest itself. */
#include "core/memory.h"
#include "fuzz/fuzz.h"

#define FAR_AWAY 0x0000700000000000ul

static bool overlaps(uint64_t start, uint64_t end, uint64_t other_start, uint64_t other_end)
{
    return start < other_end && other_start < end;
}

bool fuzz_may_write(const struct fuzz *fuzz, uint64_t address, uint64_t length)
{
    size_t count;
    const struct memory_range *map = memory_map(&count);
    uint64_t end = address + length;
    /* A range that wraps must be refused by the device; where it starts is what matters. */
    if (end < address)
        end = UINT64_MAX;
    if (address >= fuzz->safe_start && end <= fuzz->safe_end)
        return true;
    /* QEMU's devices reach other devices and the interrupt messages' window. */
    if (fuzz->is_qemu && overlaps(address, end, memory_low_end(), FOUR_GIB))
        return false;
    if (overlaps(address, end, 0, fuzz->safe_start))
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t start = map[i].start, map_end = map[i].start + map[i].size;
        if (map[i].type == HVM_MEMMAP_TYPE_RAM && start >= FOUR_GIB)
            continue; /* nothing of the guest lives there */
        if (start <= fuzz->safe_start && fuzz->safe_end <= map_end)
            start = fuzz->safe_end;
        if (overlaps(address, end, start, map_end))
            return false;
    }
    return true;
}

static uint64_t any_address(struct fuzz *fuzz)
{
    struct random *r = &fuzz->random;
    switch (random_below(r, 12)) {
    case 0:
        return FAR_AWAY + random_awkward(r);
    case 1:
        return UINT64_MAX - random_below(r, 8192);
    case 2:
        return memory_low_end() - random_below(r, 64);
    case 3:
        return (memory_high_end() ? memory_high_end() : FOUR_GIB) - random_below(r, 64);
    case 4:
        return random_next(r);
    case 5:
        return random_awkward(r);
    case 6:
        return (uint64_t)random_awkward(r) << 32 | random_awkward(r);
    case 7:
        return 0xfee00000ul + random_below(r, 4096);
    default:
        return (uint64_t)fuzz->scratch + random_below(r, FUZZ_SCRATCH_BYTES - 65536);
    }
}

static uint32_t any_length(struct random *r)
{
    switch (random_below(r, 6)) {
    case 0:
        return 0;
    case 1:
        return random_awkward(r);
    case 2:
        return random_below(r, 24);
    default:
        return 1 + random_below(r, 4096);
    }
}

void fuzz_range(struct fuzz *fuzz, bool writable, uint64_t *address, uint32_t *length)
{
    *address = any_address(fuzz);
    *length = any_length(&fuzz->random);
    if (!writable || fuzz_may_write(fuzz, *address, *length))
        return;
    *address = (uint64_t)fuzz->scratch + random_below(&fuzz->random, FUZZ_SCRATCH_BYTES - 65536);
    if (!fuzz_may_write(fuzz, *address, *length))
        *length = random_below(&fuzz->random, 4096);
}

/* A table made of such descriptors, or none at all; never memory that holds something else. */
static void point_to_table(struct fuzz *fuzz, struct virtq_desc *desc)
{
    struct random *r = &fuzz->random;
    desc->addr = (uint64_t)(fuzz->tables + random_below(r, FUZZ_TABLE_ENTRIES - 64));
    desc->len = random_below(r, 64) * (uint32_t)sizeof *desc;
    if (random_chance(r, 10))
        desc->len = random_chance(r, 50) ? random_below(r, 64) : random_awkward(r);
    /* As a plain writable buffer the table would be spoilt. */
    if ((desc->flags & VIRTQ_DESC_F_WRITE) || random_chance(r, 10))
        desc->addr = FAR_AWAY + random_awkward(r);
}

struct virtq_desc fuzz_descriptor(struct fuzz *fuzz, uint16_t limit)
{
    struct random *r = &fuzz->random;
    struct virtq_desc desc;
    desc.flags = (uint16_t)random_below(r, 4) | (random_chance(r, 15) ? VIRTQ_DESC_F_INDIRECT : 0);
    if (random_chance(r, 3))
        desc.flags = (uint16_t)random_next(r);
    desc.next = random_chance(r, 90) ? (uint16_t)random_below(r, limit) : (uint16_t)random_awkward(r);
    if (desc.flags & VIRTQ_DESC_F_INDIRECT)
        point_to_table(fuzz, &desc);
    else
        fuzz_range(fuzz, (desc.flags & VIRTQ_DESC_F_WRITE) != 0, &desc.addr, &desc.len);
    return desc;
}
