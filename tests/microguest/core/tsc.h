/* Time by the TSC, read in ring 3 only: an interpreted ring 0 may see another offset. */
#ifndef MICROGUEST_TSC_H
#define MICROGUEST_TSC_H

#include <stdbool.h>
#include <stdint.h>

/* Finds the frequency and reports its source. */
void tsc_init(void);
/* 0 where no source was found. */
uint64_t tsc_hz(void);
uint64_t tsc_to_ns(uint64_t cycles);

/* A point in time, milliseconds or microseconds from now. Assumes 4 GHz where the frequency is unknown. */
uint64_t deadline_ms(uint64_t milliseconds);
uint64_t deadline_us(uint64_t microseconds);
bool deadline_passed(uint64_t deadline);
void delay_us(uint64_t microseconds);

#endif
