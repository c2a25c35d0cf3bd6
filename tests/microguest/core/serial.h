/* 16550 at 0x3f8, polled. */
#ifndef MICROGUEST_SERIAL_H
#define MICROGUEST_SERIAL_H

#include <stdbool.h>
#include <stddef.h>

void serial_init(void);
void serial_write(const char *text, size_t length);
/* Waits until the last byte has left, so that a reset does not cut the output. */
void serial_drain(void);
/* Takes a received byte, if there is one. */
bool serial_read(char *byte);

#endif
