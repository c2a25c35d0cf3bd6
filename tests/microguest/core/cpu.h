/* Processor state: descriptor tables, system calls and the counters that interrupts bump. */
#ifndef MICROGUEST_CPU_H
#define MICROGUEST_CPU_H

#include <stdint.h>

#include "boot/segments.h"

#define FIRST_IRQ_VECTOR 32
#define SPURIOUS_VECTOR  255

#define MSR_IA32_APIC_BASE  0x1b
#define MSR_KVM_SYSTEM_TIME 0x4b564d01

struct cpuid_result {
    uint32_t eax, ebx, ecx, edx;
};

/* Interrupts taken on each vector, on all CPUs together. */
extern volatile uint64_t interrupt_counts[256];

/* Ring 0, once on each CPU: IDT and TSS. index 0 is the boot processor. */
void cpu_init(uint32_t index);

/* Never returns; runs a function in ring 3 on the given stack. */
void enter_user(void (*function)(void), void *stack_top) __attribute__((noreturn));

/* Ring-0 services for ring 3. */
uint64_t read_msr(uint32_t msr);
void write_msr(uint32_t msr, uint64_t value);
/* Ring 3 may see the host's CPUID; ring 0 sees the virtual CPU's. */
struct cpuid_result cpuid(uint32_t leaf, uint32_t subleaf);
void flush_tlb(void);
/*
 * Stops the CPU until an interrupt is taken, unless the counter has moved on from `seen` already. Ring 0
 * looks with interrupts off, so none is slept through.
 */
void wait_for_interrupt(volatile const uint64_t *counter, uint64_t seen);
/* Stops the CPU for good, interrupts off. */
void halt_forever(void) __attribute__((noreturn));

#endif
