/* key=value words of the kernel command line. */
#ifndef MICROGUEST_CMDLINE_H
#define MICROGUEST_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keeps a copy; the loader's memory may be used again. */
void cmdline_set(const char *text);
const char *cmdline_text(void);
/* The value of a key (not terminated: length counts), or NULL. A bare word has the value "". */
const char *cmdline_value(const char *key, size_t *length);
/* Decimal, or hexadecimal with 0x. */
uint64_t cmdline_number(const char *key, uint64_t otherwise);
/* True for a bare word, =1, =on or =yes. */
bool cmdline_flag(const char *key);
/* Whether the comma-separated value of key contains the word. */
bool cmdline_list_has(const char *key, const char *word);

#endif
