/* CRC-32 as in PNG and zip, for whoever compares on the host's side. */
#ifndef MICROGUEST_CRC32_H
#define MICROGUEST_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* crc is 0 for the first part, the last result for the next. */
uint32_t crc32(uint32_t crc, const void *data, size_t size);

#endif
