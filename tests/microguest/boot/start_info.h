/* hvm_start_info, the PVH loader's hand-over (the x86/HVM direct boot ABI). */
#ifndef MICROGUEST_START_INFO_H
#define MICROGUEST_START_INFO_H

#include <stdint.h>

#define HVM_START_MAGIC_VALUE 0x336ec578
#define MAX_MODULES           8

struct hvm_start_info {
    uint32_t magic;
    uint32_t version;
    uint32_t flags;
    uint32_t nr_modules;
    uint64_t modlist_paddr;
    uint64_t cmdline_paddr;
    uint64_t rsdp_paddr;
    /* version 1 */
    uint64_t memmap_paddr;
    uint32_t memmap_entries;
    uint32_t reserved;
};

struct hvm_modlist_entry {
    uint64_t paddr;
    uint64_t size;
    uint64_t cmdline_paddr;
    uint64_t reserved;
};

struct hvm_memmap_table_entry {
    uint64_t addr;
    uint64_t size;
    uint32_t type;
    uint32_t reserved;
};

/* Copies what the loader left (it is not touched again) and sets command line and memory up. */
void start_info_take(void);
uint64_t start_info_rsdp(void);
uint32_t start_info_modules(const struct hvm_modlist_entry **modules);

#endif
