/* A collection of measurements in TSC cycles. */
#ifndef MICROGUEST_SAMPLES_H
#define MICROGUEST_SAMPLES_H

#include <stdint.h>

struct samples {
    uint64_t *cycles;
    uint32_t count, capacity;
};

struct samples samples_create(uint32_t capacity);
void samples_add(struct samples *samples, uint64_t cycles);
/* Prints name_p50, name_p99 and name_max, and empties the collection. */
void samples_report(struct samples *samples, const char *name);

#endif
