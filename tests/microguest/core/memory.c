/* RAM ranges and the allocator. */
#include "core/memory.h"

#include "core/paging.h"
#include "core/report.h"

#define MAX_RANGES 64

extern uint8_t __image_end[];

static struct memory_range map[MAX_RANGES];
static size_t map_count;

struct arena {
    uint64_t start, next, end;
};
static struct arena low, high;

void memory_set_map(const struct memory_range *ranges, size_t count)
{
    map_count = count < MAX_RANGES ? count : MAX_RANGES;
    memcpy(map, ranges, map_count * sizeof *map);
}

const struct memory_range *memory_map(size_t *count)
{
    *count = map_count;
    return map;
}

bool memory_is_ram(uint64_t start, uint64_t size)
{
    for (size_t i = 0; i < map_count; i++)
        if (map[i].type == HVM_MEMMAP_TYPE_RAM && start >= map[i].start && size <= map[i].size &&
            start - map[i].start <= map[i].size - size)
            return true;
    return false;
}

static uint64_t end_of_ram(uint64_t from, uint64_t to)
{
    uint64_t end = 0;
    for (size_t i = 0; i < map_count; i++) {
        uint64_t range_end = map[i].start + map[i].size;
        if (map[i].type == HVM_MEMMAP_TYPE_RAM && map[i].start >= from && range_end <= to && range_end > end)
            end = range_end;
    }
    return end;
}

uint64_t memory_low_end(void)
{
    return end_of_ram(0, FOUR_GIB);
}

uint64_t memory_high_end(void)
{
    return end_of_ram(FOUR_GIB, UINT64_MAX);
}

/* The largest part of [start, end) that no reserved range touches. */
static struct arena largest_gap(uint64_t start, uint64_t end, const struct memory_range *reserved,
                                size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t reserved_end = reserved[i].start + reserved[i].size;
        if (reserved[i].start >= end || reserved_end <= start)
            continue;
        struct arena before = {0}, after = {0};
        if (reserved[i].start > start)
            before = largest_gap(start, reserved[i].start, reserved + i + 1, count - i - 1);
        if (reserved_end < end)
            after = largest_gap(reserved_end, end, reserved + i + 1, count - i - 1);
        return after.end - after.start > before.end - before.start ? after : before;
    }
    return (struct arena){start, start, end};
}

static void take_larger(struct arena *arena, uint64_t start, uint64_t end,
                        const struct memory_range *reserved, size_t count)
{
    start = (start + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    end &= ~(PAGE_SIZE - 1);
    if (start >= end)
        return;
    struct arena gap = largest_gap(start, end, reserved, count);
    if (gap.end - gap.start > arena->end - arena->start) {
        gap.start = gap.next = (gap.start + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
        *arena = gap;
    }
}

void memory_init(const struct memory_range *reserved, size_t reserved_count)
{
    for (size_t i = 0; i < map_count; i++) {
        uint64_t start = map[i].start;
        uint64_t end = start + map[i].size;
        if (map[i].type != HVM_MEMMAP_TYPE_RAM || end <= (uint64_t)__image_end)
            continue;
        if (start < (uint64_t)__image_end)
            start = (uint64_t)__image_end;
        if (end <= FOUR_GIB)
            take_larger(&low, start, end, reserved, reserved_count);
        else if (start >= FOUR_GIB)
            take_larger(&high, start, end, reserved, reserved_count);
    }
    if (low.end == low.start)
        report_fatal("no RAM for the heap in the memory map of %lu ranges", (unsigned long)map_count);
    for (size_t i = 0; i < map_count; i++)
        if (map[i].type == HVM_MEMMAP_TYPE_RAM && map[i].start >= FOUR_GIB)
            paging_map(map[i].start, map[i].size, PAGING_CACHED);
}

static void *allocate(struct arena *arena, size_t size, size_t alignment)
{
    uint64_t start = (arena->next + alignment - 1) & ~(uint64_t)(alignment - 1);
    if (start > arena->end || size > arena->end - start)
        return NULL;
    arena->next = start + size;
    return memset((void *)start, 0, size);
}

void *memory_allocate(size_t size, size_t alignment)
{
    void *result = allocate(&low, size, alignment);
    if (!result)
        report_fatal("out of memory: %lu bytes asked for, heap %lx-%lx", size, low.start, low.end);
    return result;
}

void *memory_allocate_high(size_t size, size_t alignment)
{
    return allocate(&high, size, alignment);
}

struct memory_mark memory_mark(void)
{
    return (struct memory_mark){low.next, high.next};
}

void memory_release(struct memory_mark mark)
{
    low.next = mark.low;
    high.next = mark.high;
}

struct memory_range memory_free_range(void)
{
    return (struct memory_range){low.next, low.end - low.next, HVM_MEMMAP_TYPE_RAM};
}
