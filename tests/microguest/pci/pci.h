/* PCI: configuration space, functions, BARs, capabilities. */
#ifndef MICROGUEST_PCI_H
#define MICROGUEST_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCI_VENDOR_ID            0x00
#define PCI_DEVICE_ID            0x02
#define PCI_COMMAND              0x04
#define PCI_COMMAND_IO           0x0001
#define PCI_COMMAND_MEMORY       0x0002
#define PCI_COMMAND_MASTER       0x0004
#define PCI_COMMAND_INTX_DISABLE 0x0400
#define PCI_STATUS               0x06
#define PCI_STATUS_CAP_LIST      0x0010
#define PCI_CLASS_REVISION       0x08
#define PCI_HEADER_TYPE          0x0e
#define PCI_BASE_ADDRESS_0       0x10
#define PCI_SECONDARY_BUS        0x19
#define PCI_SUBSYSTEM_VENDOR_ID  0x2c
#define PCI_SUBSYSTEM_ID         0x2e
#define PCI_CAPABILITY_LIST      0x34

#define PCI_CAP_ID_VNDR 0x09
#define PCI_CAP_ID_EXP  0x10
#define PCI_CAP_ID_MSIX 0x11

#define PCI_BARS          6
#define PCI_MAX_FUNCTIONS 64

struct pci_bar {
    uint64_t address;
    uint64_t size; /* 0: not there, or the upper half of the one before */
    bool is_memory, is_64bit, is_prefetchable;
};

struct pci_function {
    uint16_t bdf; /* bus << 8 | device << 3 | function */
    uint16_t vendor_id, device_id, subsystem_id;
    uint32_t class_revision;
    uint8_t header_type;
    struct pci_bar bars[PCI_BARS];
};

/* Finds the functions and gives unassigned BARs addresses. */
void pci_init(void);
size_t pci_function_count(void);
struct pci_function *pci_function_at(size_t index);
/* "ecam" or "ports" */
const char *pci_access_method(void);
/* Whether an address lies in ECAM. */
bool pci_is_config_space(uint64_t address);

/* offset is in bytes and need not be aligned to the width; what a device makes of that is its affair. */
uint8_t pci_read8(uint16_t bdf, uint32_t offset);
uint16_t pci_read16(uint16_t bdf, uint32_t offset);
uint32_t pci_read32(uint16_t bdf, uint32_t offset);
void pci_write8(uint16_t bdf, uint32_t offset, uint8_t value);
void pci_write16(uint16_t bdf, uint32_t offset, uint16_t value);
void pci_write32(uint16_t bdf, uint32_t offset, uint32_t value);

/* The first capability after the one at `after` (0: from the start), or 0. Safe against loops. */
uint8_t pci_find_capability(uint16_t bdf, uint8_t id, uint8_t after);
/* Switches memory decoding and bus mastering on. */
void pci_enable(const struct pci_function *function);

/* Parts of pci_init. */
void pci_config_init(void);
bool pci_bus_exists(uint8_t bus);
void pci_size_bars(struct pci_function *function);
void pci_assign_bars(struct pci_function *functions, size_t count);

#endif
