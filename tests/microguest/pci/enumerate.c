/* The walk over buses, devices and functions. */
#include "pci/pci.h"

#define HEADER_MULTI_FUNCTION 0x80
#define HEADER_BRIDGE         0x01

static struct pci_function functions[PCI_MAX_FUNCTIONS];
static size_t function_count;

static void scan_bus(uint8_t bus);

static bool scan_function(uint16_t bdf)
{
    uint16_t vendor = pci_read16(bdf, PCI_VENDOR_ID);
    if (vendor == 0xffff || vendor == 0 || function_count == PCI_MAX_FUNCTIONS)
        return false;
    struct pci_function *f = &functions[function_count++];
    f->bdf = bdf;
    f->vendor_id = vendor;
    f->device_id = pci_read16(bdf, PCI_DEVICE_ID);
    f->class_revision = pci_read32(bdf, PCI_CLASS_REVISION);
    f->header_type = pci_read8(bdf, PCI_HEADER_TYPE);
    if ((f->header_type & 0x7f) == HEADER_BRIDGE) {
        uint8_t secondary = pci_read8(bdf, PCI_SECONDARY_BUS);
        if (secondary > bdf >> 8)
            scan_bus(secondary);
        return true;
    }
    f->subsystem_id = pci_read16(bdf, PCI_SUBSYSTEM_ID);
    pci_size_bars(f);
    return true;
}

static void scan_bus(uint8_t bus)
{
    if (!pci_bus_exists(bus))
        return;
    for (uint16_t device = 0; device < 32; device++) {
        uint16_t bdf = (uint16_t)(bus << 8 | device << 3);
        if (!scan_function(bdf) || !(pci_read8(bdf, PCI_HEADER_TYPE) & HEADER_MULTI_FUNCTION))
            continue;
        for (uint16_t function = 1; function < 8; function++)
            scan_function(bdf | function);
    }
}

void pci_init(void)
{
    pci_config_init();
    scan_bus(0);
    pci_assign_bars(functions, function_count);
}

size_t pci_function_count(void)
{
    return function_count;
}

struct pci_function *pci_function_at(size_t index)
{
    return &functions[index];
}

uint8_t pci_find_capability(uint16_t bdf, uint8_t id, uint8_t after)
{
    if (!(pci_read16(bdf, PCI_STATUS) & PCI_STATUS_CAP_LIST))
        return 0;
    uint8_t at = after ? pci_read8(bdf, after + 1u) : pci_read8(bdf, PCI_CAPABILITY_LIST);
    for (int i = 0; i < 48 && at >= 0x40; i++) {
        at &= 0xfc;
        if (pci_read8(bdf, at) == id)
            return at;
        at = pci_read8(bdf, at + 1u);
    }
    return 0;
}

void pci_enable(const struct pci_function *function)
{
    uint16_t command = pci_read16(function->bdf, PCI_COMMAND);
    pci_write16(function->bdf, PCI_COMMAND,
                command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
}
