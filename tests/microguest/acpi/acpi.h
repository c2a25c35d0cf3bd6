/* Finding ACPI tables; only what the guest needs. */
#ifndef MICROGUEST_ACPI_H
#define MICROGUEST_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct __attribute__((packed)) acpi_header {
    char signature[4];
    uint32_t length;
    uint8_t revision;
    uint8_t checksum;
    char oem_id[6];
    char oem_table_id[8];
    uint32_t oem_revision;
    uint32_t creator_id;
    uint32_t creator_revision;
};

/* Generic Address Structure (ACPI 6.5, 5.2.3.2). */
struct __attribute__((packed)) acpi_gas {
    uint8_t address_space;
    uint8_t bit_width;
    uint8_t bit_offset;
    uint8_t access_size;
    uint64_t address;
};

#define ACPI_ADDRESS_SPACE_MEMORY 0
#define ACPI_ADDRESS_SPACE_IO     1
#define ACPI_ADDRESS_SPACE_PCI    2

/* Looks for the RSDP (start_info first, then the BIOS area) and lists the tables. */
void acpi_init(void);
/* A table by signature, checked for length and sum, or NULL. "DSDT" is found through the FADT. */
const struct acpi_header *acpi_table(const char *signature);
/* Every table once, also those that appear several times; returns NULL past the last. */
const struct acpi_header *acpi_table_at(size_t index);

/* MADT: enabled processors' APIC ids; returns how many. */
size_t acpi_processors(uint32_t *apic_ids, size_t capacity);
/* MCFG: the ECAM of PCI segment 0, or false. */
bool acpi_ecam(uint64_t *base, uint8_t *first_bus, uint8_t *last_bus);
/* The host bridge's memory windows, below and above 4 GiB, from the DSDT; size 0 where not found. */
struct acpi_window {
    uint64_t start, size;
};
void acpi_memory_windows(struct acpi_window *below, struct acpi_window *above);

#endif
