/* boot: what the loader and the firmware tables handed over. */
#include "acpi/acpi.h"
#include "acpi/power.h"
#include "boot/start_info.h"
#include "core/cpu.h"
#include "core/crc32.h"
#include "core/memory.h"
#include "core/paging.h"
#include "core/report.h"
#include "tests/tests.h"

static void check_memory_map(void)
{
    size_t count;
    const struct memory_range *map = memory_map(&count);
    check(count > 0, "memory map entries expected >0 got 0");
    for (size_t i = 0; i < count; i++) {
        report_info("memory %lx-%lx type=%u", map[i].start, map[i].start + map[i].size, map[i].type);
        for (size_t j = 0; j < i; j++)
            check(map[i].start >= map[j].start + map[j].size || map[j].start >= map[i].start + map[i].size,
                  "memory ranges %lu and %lu overlap", j, i);
    }
}

static void check_acpi(void)
{
    const struct acpi_header *table;
    for (size_t i = 0; (table = acpi_table_at(i)); i++)
        report_info("acpi %.*s length=%u revision=%u", 4, table->signature, table->length, table->revision);
    check(acpi_table("FACP") != NULL, "acpi FADT expected present got none");
    check(acpi_table("APIC") != NULL, "acpi MADT expected present got none");
    check(acpi_table("DSDT") != NULL, "acpi DSDT expected present got none");
    report_info("power off=%s reset=%s", power_off_method(), power_reset_method());
}

/* The host knows what it loaded: it compares the CRC. */
static void list_modules(void)
{
    const struct hvm_modlist_entry *modules;
    uint32_t count = start_info_modules(&modules);
    for (uint32_t i = 0; i < count; i++) {
        check(memory_is_ram(modules[i].paddr, modules[i].size), "module %u at %lx is not in RAM", i,
              modules[i].paddr);
        report_info("module %u address=%lx size=%lu crc32=%08x", i, modules[i].paddr, modules[i].size,
                    crc32(0, (const void *)modules[i].paddr, modules[i].size));
    }
}

static void list_processors(void)
{
    uint32_t ids[MAX_CPUS];
    size_t count = acpi_processors(ids, MAX_CPUS);
    check(count > 0, "madt enabled processors expected >0 got 0");
    struct cpuid_result r = cpuid(0x40000000, 0);
    char hypervisor[13] = {0};
    memcpy(hypervisor, &r.ebx, 4);
    memcpy(hypervisor + 4, &r.ecx, 4);
    memcpy(hypervisor + 8, &r.edx, 4);
    report_info("processors=%lu hypervisor=\"%s\"", count, hypervisor);
}

void test_boot(void)
{
    check_memory_map();
    check_acpi();
    list_modules();
    list_processors();
    report_end("ram_low_end=%lx ram_high_end=%lx", memory_low_end(), memory_high_end());
}
