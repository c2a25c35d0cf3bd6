/* ACPI sleep and reset registers (ACPI 6.5, 4.8.3). */
#include "acpi/power.h"

#include "acpi/acpi.h"
#include "core/cmdline.h"
#include "core/cpu.h"
#include "core/instructions.h"
#include "core/memory.h"
#include "core/print.h"
#include "core/serial.h"

#define FADT_PM1A_CNT_BLK      64
#define FADT_PM_TMR_BLK        76
#define FADT_PM_TMR_LEN        91
#define FADT_FLAGS             112
#define FADT_RESET_REG         116
#define FADT_RESET_VALUE       128
#define FADT_SLEEP_CONTROL_REG 244
#define FLAG_RESET_REG_SUP     (1u << 10)
#define FLAG_HW_REDUCED_ACPI   (1u << 20)
#define SLP_EN                 (1u << 13)
#define SLEEP_CONTROL_SLP_EN   (1u << 5)
#define RESET_CONTROL_PORT     0xcf9

static bool fadt_read(size_t offset, void *value, size_t size)
{
    const struct acpi_header *fadt = acpi_table("FACP");
    if (!fadt || fadt->length < offset + size)
        return false;
    memcpy(value, (const uint8_t *)fadt + offset, size);
    return true;
}

static uint32_t fadt_flags(void)
{
    uint32_t flags = 0;
    fadt_read(FADT_FLAGS, &flags, sizeof flags);
    return flags;
}

static bool gas_write8(const struct acpi_gas *gas, uint8_t value)
{
    if (gas->address == 0)
        return false;
    if (gas->address_space == ACPI_ADDRESS_SPACE_IO)
        out8((uint16_t)gas->address, value);
    else if (gas->address_space == ACPI_ADDRESS_SPACE_MEMORY)
        mmio_write8(gas->address, value);
    else
        return false;
    return true;
}

/* The first element of the package _S5_: NameOp, name, PackageOp, length, count, then a byte or 0 or 1. */
static uint8_t s5_sleep_type(void)
{
    const struct acpi_header *table;
    for (size_t index = 0; (table = acpi_table_at(index)); index++) {
        const uint8_t *aml = (const uint8_t *)table;
        if (memcmp(table->signature, "DSDT", 4) != 0 && memcmp(table->signature, "SSDT", 4) != 0)
            continue;
        for (size_t i = sizeof *table; i + 12 < table->length; i++) {
            if (memcmp(aml + i, "_S5_\x12", 5) != 0)
                continue;
            const uint8_t *element = aml + i + 5 + 1 + (aml[i + 5] >> 6) + 1;
            return element[0] == 0x0a ? element[1] : element[0] == 1 ? 1 : 0;
        }
    }
    return 0;
}

static bool sleep_control(struct acpi_gas *gas)
{
    return (fadt_flags() & FLAG_HW_REDUCED_ACPI) && fadt_read(FADT_SLEEP_CONTROL_REG, gas, sizeof *gas) &&
           gas->address;
}

const char *power_off_method(void)
{
    struct acpi_gas gas;
    uint32_t pm1a = 0;
    if (sleep_control(&gas))
        return "sleep-control";
    return fadt_read(FADT_PM1A_CNT_BLK, &pm1a, sizeof pm1a) && pm1a ? "pm1a" : "none";
}

void power_off(bool success)
{
    serial_drain();
    uint16_t debug_exit = (uint16_t)cmdline_number("debugexit", 0);
    if (debug_exit)
        out32(debug_exit, success ? 0 : 1);

    struct acpi_gas gas;
    uint32_t pm1a = 0;
    uint8_t type = s5_sleep_type();
    if (sleep_control(&gas))
        gas_write8(&gas, (uint8_t)(type << 2 | SLEEP_CONTROL_SLP_EN));
    else if (fadt_read(FADT_PM1A_CNT_BLK, &pm1a, sizeof pm1a) && pm1a)
        out16((uint16_t)pm1a, (uint16_t)(type << 10 | SLP_EN));
    else
        print("MG: info no way to power off\n");
    for (;;)
        __asm__ volatile("pause");
}

const char *power_reset_method(void)
{
    return fadt_flags() & FLAG_RESET_REG_SUP ? "reset-register" : "port-cf9";
}

void power_reset(void)
{
    struct acpi_gas gas;
    uint8_t value = 0;
    serial_drain();
    if ((fadt_flags() & FLAG_RESET_REG_SUP) && fadt_read(FADT_RESET_REG, &gas, sizeof gas) &&
        fadt_read(FADT_RESET_VALUE, &value, sizeof value))
        gas_write8(&gas, value);
    out8(RESET_CONTROL_PORT, 2);
    out8(RESET_CONTROL_PORT, 6);
    for (;;)
        cpu_pause();
}

uint16_t power_pm_timer_port(void)
{
    uint32_t port = 0;
    uint8_t length = 0;
    if ((fadt_flags() & FLAG_HW_REDUCED_ACPI) || !fadt_read(FADT_PM_TMR_LEN, &length, 1) || length != 4)
        return 0;
    fadt_read(FADT_PM_TMR_BLK, &port, sizeof port);
    return (uint16_t)port;
}
