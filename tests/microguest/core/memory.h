/* Guest RAM as the loader described it, and a bump allocator on it. All addresses are identity-mapped. */
#ifndef MICROGUEST_MEMORY_H
#define MICROGUEST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE 4096ul
#define ONE_MIB   (1ul << 20)
#define FOUR_GIB  (1ul << 32)

#define HVM_MEMMAP_TYPE_RAM 1

struct memory_range {
    uint64_t start;
    uint64_t size;
    uint32_t type;
};

/* The loader's map, in its order. */
const struct memory_range *memory_map(size_t *count);
bool memory_is_ram(uint64_t start, uint64_t size);
/* One past the last byte of RAM below and above 4 GiB (0 where there is none). */
uint64_t memory_low_end(void);
uint64_t memory_high_end(void);

/* Picks the heap and maps RAM above 4 GiB. reserved ranges (modules) are kept out of the heap. */
void memory_init(const struct memory_range *reserved, size_t reserved_count);

/* Zeroed memory below 4 GiB; never fails, a guest without RAM stops with a report. */
void *memory_allocate(size_t size, size_t alignment);
/* The same above 4 GiB, or NULL where there is no such RAM. */
void *memory_allocate_high(size_t size, size_t alignment);

/* What was allocated after a mark is given back by memory_release. */
struct memory_mark {
    uint64_t low, high;
};
struct memory_mark memory_mark(void);
void memory_release(struct memory_mark mark);
/* The part of the heap that is not allocated; it lies above the image and all that is allocated. */
struct memory_range memory_free_range(void);

void memory_set_map(const struct memory_range *ranges, size_t count);

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *left, const void *right, size_t count);
size_t strlen(const char *text);
int strcmp(const char *left, const char *right);
int strncmp(const char *left, const char *right, size_t count);

#endif
