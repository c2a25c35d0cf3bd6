/* Configuration space by ECAM where MCFG tells of it, else by the ports of mechanism 1. */
#include "pci/pci.h"

#include "acpi/acpi.h"
#include "core/instructions.h"
#include "core/memory.h"
#include "core/paging.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define CONFIG_ENABLE  0x80000000u

static uint64_t ecam;
static uint8_t first_bus;
static uint8_t last_bus = 255;

void pci_config_init(void)
{
    if (!acpi_ecam(&ecam, &first_bus, &last_bus))
        return;
    if (ecam >= FOUR_GIB)
        paging_map(ecam, (uint64_t)(last_bus + 1) << 20, PAGING_UNCACHED);
}

const char *pci_access_method(void)
{
    return ecam ? "ecam" : "ports";
}

bool pci_is_config_space(uint64_t address)
{
    return ecam && address >= ecam && address < ecam + ((uint64_t)(last_bus + 1) << 20);
}

bool pci_bus_exists(uint8_t bus)
{
    return bus >= first_bus && bus <= last_bus;
}

static uint64_t address_of(uint16_t bdf, uint32_t offset)
{
    return ecam + ((uint64_t)bdf << 12) + offset;
}

static uint16_t select(uint16_t bdf, uint32_t offset)
{
    out32(CONFIG_ADDRESS, CONFIG_ENABLE | (uint32_t)bdf << 8 | (offset & 0xfc));
    return (uint16_t)(CONFIG_DATA + (offset & 3));
}

uint8_t pci_read8(uint16_t bdf, uint32_t offset)
{
    return ecam ? mmio_read8(address_of(bdf, offset)) : in8(select(bdf, offset));
}

uint16_t pci_read16(uint16_t bdf, uint32_t offset)
{
    return ecam ? mmio_read16(address_of(bdf, offset)) : in16(select(bdf, offset));
}

uint32_t pci_read32(uint16_t bdf, uint32_t offset)
{
    return ecam ? mmio_read32(address_of(bdf, offset)) : in32(select(bdf, offset));
}

void pci_write8(uint16_t bdf, uint32_t offset, uint8_t value)
{
    if (ecam)
        mmio_write8(address_of(bdf, offset), value);
    else
        out8(select(bdf, offset), value);
}

void pci_write16(uint16_t bdf, uint32_t offset, uint16_t value)
{
    if (ecam)
        mmio_write16(address_of(bdf, offset), value);
    else
        out16(select(bdf, offset), value);
}

void pci_write32(uint16_t bdf, uint32_t offset, uint32_t value)
{
    if (ecam)
        mmio_write32(address_of(bdf, offset), value);
    else
        out32(select(bdf, offset), value);
}
