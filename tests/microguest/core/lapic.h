/* The local APIC of the CPU that calls, in xAPIC or x2APIC mode, as the machine left it. */
#ifndef MICROGUEST_LAPIC_H
#define MICROGUEST_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

/* Read by the interrupt path in boot/trap.S. */
extern uint8_t lapic_is_x2apic;

/* Software-enables the APIC. x2apic=1 on the command line switches to x2APIC mode first. */
void lapic_init(void);
/* The part of it that every CPU does for itself. */
void lapic_init_cpu(void);
uint32_t lapic_id(void);
void lapic_send_fixed(uint32_t apic_id, uint8_t vector);
void lapic_send_init(uint32_t apic_id);
void lapic_send_startup(uint32_t apic_id, uint8_t page);

#endif
