/* Takes over from the loader. */
#include "boot/start_info.h"

#include "core/cmdline.h"
#include "core/memory.h"
#include "core/paging.h"
#include "core/report.h"

#define MAX_MEMORY_RANGES 64

extern uint32_t start_info_address;

static struct hvm_start_info info;
static struct hvm_modlist_entry modules[MAX_MODULES];

static void take_memory_map(void)
{
    struct memory_range ranges[MAX_MEMORY_RANGES];
    const struct hvm_memmap_table_entry *table = (const void *)info.memmap_paddr;
    size_t count = info.memmap_entries < MAX_MEMORY_RANGES ? info.memmap_entries : MAX_MEMORY_RANGES;
    for (size_t i = 0; i < count; i++)
        ranges[i] = (struct memory_range){table[i].addr, table[i].size, table[i].type};
    memory_set_map(ranges, count);
}

void start_info_take(void)
{
    info = *(const struct hvm_start_info *)(uint64_t)start_info_address;
    if (info.magic != HVM_START_MAGIC_VALUE)
        report_fatal("hvm_start_info at %x has magic %x, expected %x", start_info_address, info.magic,
                     HVM_START_MAGIC_VALUE);
    if (info.version == 0)
        report_fatal("hvm_start_info version 0 has no memory map");
    if (info.cmdline_paddr)
        cmdline_set((const char *)info.cmdline_paddr);
    take_memory_map();

    struct memory_range reserved[MAX_MODULES];
    if (info.nr_modules > MAX_MODULES)
        info.nr_modules = MAX_MODULES;
    memcpy(modules, (const void *)info.modlist_paddr, info.nr_modules * sizeof *modules);
    for (uint32_t i = 0; i < info.nr_modules; i++)
        reserved[i] = (struct memory_range){modules[i].paddr, modules[i].size, 0};
    memory_init(reserved, info.nr_modules);
    paging_mark_device_memory();
}

uint64_t start_info_rsdp(void)
{
    return info.rsdp_paddr;
}

uint32_t start_info_modules(const struct hvm_modlist_entry **list)
{
    *list = modules;
    return info.nr_modules;
}
