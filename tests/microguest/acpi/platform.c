/* What the platform tables say: processors (MADT), configuration space (MCFG), bridge windows (DSDT). */
#include "acpi/acpi.h"

#include "core/memory.h"

#define MADT_ENTRIES        44
#define MADT_LOCAL_APIC     0
#define MADT_LOCAL_X2APIC   9
#define MADT_ENABLED        1
#define MCFG_ALLOCATIONS    44
#define MCFG_ENTRY_SIZE     16
#define DWORD_ADDRESS_SPACE 0x87
#define DWORD_LENGTH        0x17
#define QWORD_ADDRESS_SPACE 0x8a
#define QWORD_LENGTH        0x2b

static uint32_t read32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static uint64_t read64(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

size_t acpi_processors(uint32_t *apic_ids, size_t capacity)
{
    const struct acpi_header *madt = acpi_table("APIC");
    size_t count = 0;
    if (!madt)
        return 0;
    const uint8_t *bytes = (const uint8_t *)madt;
    for (size_t at = MADT_ENTRIES; at + 2 <= madt->length && bytes[at + 1] >= 2; at += bytes[at + 1]) {
        const uint8_t *entry = bytes + at;
        if (count == capacity)
            break;
        if (entry[0] == MADT_LOCAL_APIC && (read32(entry + 4) & MADT_ENABLED))
            apic_ids[count++] = entry[3];
        else if (entry[0] == MADT_LOCAL_X2APIC && (read32(entry + 8) & MADT_ENABLED))
            apic_ids[count++] = read32(entry + 4);
    }
    return count;
}

bool acpi_ecam(uint64_t *base, uint8_t *first_bus, uint8_t *last_bus)
{
    const struct acpi_header *mcfg = acpi_table("MCFG");
    if (!mcfg)
        return false;
    const uint8_t *bytes = (const uint8_t *)mcfg;
    for (size_t at = MCFG_ALLOCATIONS; at + MCFG_ENTRY_SIZE <= mcfg->length; at += MCFG_ENTRY_SIZE) {
        if (bytes[at + 8] || bytes[at + 9])
            continue;
        *base = read64(bytes + at);
        *first_bus = bytes[at + 10];
        *last_bus = bytes[at + 11];
        return true;
    }
    return false;
}

static void keep_larger(struct acpi_window *window, uint64_t start, uint64_t size)
{
    if (size > window->size)
        *window = (struct acpi_window){start, size};
}

/*
 * The windows stand in _CRS as Address Space Descriptors (ACPI 6.5, 6.4.3.5). They are found by their
 * fixed heads in the AML instead of by evaluating it: enough for tables that build _CRS statically.
 */
void acpi_memory_windows(struct acpi_window *below, struct acpi_window *above)
{
    *below = *above = (struct acpi_window){0, 0};
    const struct acpi_header *table;
    for (size_t index = 0; (table = acpi_table_at(index)); index++) {
        if (memcmp(table->signature, "DSDT", 4) != 0 && memcmp(table->signature, "SSDT", 4) != 0)
            continue;
        const uint8_t *aml = (const uint8_t *)table;
        for (size_t i = sizeof *table; i + QWORD_LENGTH + 3 <= table->length; i++) {
            if (aml[i + 2] != 0 || aml[i + 3] != 0)
                continue;
            if (aml[i] == DWORD_ADDRESS_SPACE && aml[i + 1] == DWORD_LENGTH)
                keep_larger(below, read32(aml + i + 10), read32(aml + i + 22));
            else if (aml[i] == QWORD_ADDRESS_SPACE && aml[i + 1] == QWORD_LENGTH)
                keep_larger(read64(aml + i + 14) < FOUR_GIB ? below : above, read64(aml + i + 14),
                            read64(aml + i + 38));
        }
    }
}
