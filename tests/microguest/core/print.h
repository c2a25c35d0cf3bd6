/*
 * Formatted output on the serial port. Knows %c %s %d %u %x and their l forms, a zero flag, a width, and
 * a precision for %s.
 */
#ifndef MICROGUEST_PRINT_H
#define MICROGUEST_PRINT_H

#include <stdarg.h>
#include <stddef.h>

void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_va(const char *format, va_list arguments);
/* Returns the length that was written, at most size - 1; always terminates. */
size_t format_va(char *buffer, size_t size, const char *format, va_list arguments);
size_t format(char *buffer, size_t size, const char *text, ...) __attribute__((format(printf, 3, 4)));

#endif
