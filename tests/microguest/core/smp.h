/* Application processors. */
#ifndef MICROGUEST_SMP_H
#define MICROGUEST_SMP_H

#include <stdbool.h>
#include <stdint.h>

/* Starts the processor with this APIC id as CPU number index (1 ..); false if it does not come up. */
bool smp_start(uint32_t index, uint32_t apic_id);
/* The APIC id that a started CPU read from its own APIC. */
uint32_t smp_apic_id(uint32_t index);
/* Runs a function in ring 3 on CPU index, at the same time as the caller. */
void smp_run(uint32_t index, void (*function)(uint32_t index));
/* Waits until that function has returned. */
bool smp_wait(uint32_t index, uint64_t milliseconds);
/* Halts a started CPU for good. */
void smp_stop(uint32_t index);

#endif
