/* Page tables beyond those the assembler laid out. */
#include "core/paging.h"

#include "core/cpu.h"
#include "core/memory.h"

#define LARGE_PAGE   (1ul << 21)
#define PAGE_P_RW_US 0x07ul
#define PAGE_LARGE   0x80ul
#define PAGE_ADDRESS 0x000ffffffffff000ul
#define ENTRIES      512

extern uint64_t boot_pml4[ENTRIES];
extern uint64_t boot_pd[4 * ENTRIES];

static uint64_t *next_level(uint64_t *entry)
{
    if (!(*entry & 1))
        *entry = (uint64_t)memory_allocate(PAGE_SIZE, PAGE_SIZE) | PAGE_P_RW_US;
    return (uint64_t *)(*entry & PAGE_ADDRESS);
}

void paging_map(uint64_t start, uint64_t size, uint64_t caching)
{
    if (size == 0)
        return;
    uint64_t end = start + size;
    for (uint64_t page = start & ~(LARGE_PAGE - 1); page < end; page += LARGE_PAGE) {
        uint64_t *pdpt = next_level(&boot_pml4[page >> 39 & 511]);
        uint64_t *directory = next_level(&pdpt[page >> 30 & 511]);
        directory[page >> 21 & 511] = page | PAGE_P_RW_US | PAGE_LARGE | caching;
    }
    flush_tlb();
}

void paging_mark_device_memory(void)
{
    for (uint64_t page = 0; page < FOUR_GIB; page += LARGE_PAGE)
        if (page >= memory_low_end())
            boot_pd[page >> 21] |= PAGING_UNCACHED;
    flush_tlb();
}

uint64_t paging_root(void)
{
    return (uint64_t)boot_pml4;
}
