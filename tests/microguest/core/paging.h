/* The identity map: 4 GiB from the start, anything above on demand, in pages of 2 MiB. */
#ifndef MICROGUEST_PAGING_H
#define MICROGUEST_PAGING_H

#include <stdint.h>

#define PAGING_CACHED   0x00
#define PAGING_UNCACHED 0x18 /* PWT | PCD */

/* Maps every 2 MiB page that [start, start + size) touches. Ring 3; the tables are plain memory. */
void paging_map(uint64_t start, uint64_t size, uint64_t caching);

/* Makes everything below 4 GiB that is not RAM uncached. */
void paging_mark_device_memory(void);

/* The tables' address, for CR3 of the application processors. */
uint64_t paging_root(void);

#endif
