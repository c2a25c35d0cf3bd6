/* Power-off and reset by what the FADT offers, and the PM timer. */
#ifndef MICROGUEST_POWER_H
#define MICROGUEST_POWER_H

#include <stdbool.h>
#include <stdint.h>

/* Never returns. With debugexit=PORT the status goes to QEMU's isa-debug-exit first. */
void power_off(bool success) __attribute__((noreturn));
/* Never returns. */
void power_reset(void) __attribute__((noreturn));
/* I/O port of the PM timer, 0 if there is none. */
uint16_t power_pm_timer_port(void);
/* How power_off and power_reset would do it, for the boot report. */
const char *power_off_method(void);
const char *power_reset_method(void);

#endif
