/* RSDP, XSDT or RSDT, and the tables behind them. */
#include "acpi/acpi.h"

#include "boot/start_info.h"
#include "core/memory.h"
#include "core/paging.h"
#include "core/report.h"

#define BIOS_AREA_START 0xe0000
#define BIOS_AREA_END   0x100000
#define MAX_TABLES      32
#define FADT_DSDT       40
#define FADT_X_DSDT     140

struct __attribute__((packed)) rsdp {
    char signature[8];
    uint8_t checksum;
    char oem_id[6];
    uint8_t revision;
    uint32_t rsdt_address;
    uint32_t length;
    uint64_t xsdt_address;
    uint8_t extended_checksum;
    uint8_t reserved[3];
};

static const struct acpi_header *tables[MAX_TABLES];
static size_t table_count;

static bool sum_is_zero(const void *data, size_t length)
{
    const uint8_t *bytes = data;
    uint8_t sum = 0;
    while (length--)
        sum = (uint8_t)(sum + *bytes++);
    return sum == 0;
}

static const struct rsdp *find_rsdp(void)
{
    const struct rsdp *given = (const struct rsdp *)start_info_rsdp();
    if (given)
        return given;
    for (uint64_t address = BIOS_AREA_START; address < BIOS_AREA_END; address += 16)
        if (memcmp((const void *)address, "RSD PTR ", 8) == 0)
            return (const struct rsdp *)address;
    return NULL;
}

static void add_table(uint64_t address)
{
    if (!address || table_count == MAX_TABLES)
        return;
    const struct acpi_header *table = (const struct acpi_header *)address;
    if (address >= FOUR_GIB)
        paging_map(address, PAGE_SIZE, PAGING_CACHED);
    if (table->length < sizeof *table || !sum_is_zero(table, table->length)) {
        report_info("acpi table %.*s at %lx has a wrong length or checksum", 4, table->signature, address);
        return;
    }
    tables[table_count++] = table;
}

static void add_dsdt(void)
{
    const uint8_t *fadt = (const uint8_t *)acpi_table("FACP");
    if (!fadt)
        return;
    uint64_t dsdt = 0;
    if (((const struct acpi_header *)fadt)->length >= FADT_X_DSDT + 8)
        memcpy(&dsdt, fadt + FADT_X_DSDT, 8);
    if (!dsdt)
        memcpy(&dsdt, fadt + FADT_DSDT, 4);
    add_table(dsdt);
}

void acpi_init(void)
{
    const struct rsdp *rsdp = find_rsdp();
    if (!rsdp || memcmp(rsdp->signature, "RSD PTR ", 8) != 0 || !sum_is_zero(rsdp, 20)) {
        report_info("acpi no valid RSDP");
        return;
    }
    bool extended = rsdp->revision >= 2 && rsdp->xsdt_address;
    const struct acpi_header *root =
        (const struct acpi_header *)(extended ? rsdp->xsdt_address : (uint64_t)rsdp->rsdt_address);
    size_t entry_size = extended ? 8 : 4;
    const uint8_t *entries = (const uint8_t *)(root + 1);
    for (size_t offset = 0; offset + entry_size <= root->length - sizeof *root; offset += entry_size) {
        uint64_t address = 0;
        memcpy(&address, entries + offset, entry_size);
        add_table(address);
    }
    add_dsdt();
}

const struct acpi_header *acpi_table_at(size_t index)
{
    return index < table_count ? tables[index] : NULL;
}

const struct acpi_header *acpi_table(const char *signature)
{
    for (size_t i = 0; i < table_count; i++)
        if (memcmp(tables[i]->signature, signature, 4) == 0)
            return tables[i];
    return NULL;
}
