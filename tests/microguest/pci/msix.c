/* MSI-X table and message control. */
#include "pci/msix.h"

#include "core/instructions.h"

#define MSIX_MESSAGE_CONTROL 2
#define MSIX_TABLE           4
#define MSIX_PBA             8
#define CONTROL_SIZE_MASK    0x07ff
#define CONTROL_MASK_ALL     0x4000
#define CONTROL_ENABLE       0x8000
#define BIR_MASK             7u
#define ENTRY_SIZE           16
#define ENTRY_ADDRESS_LOW    0
#define ENTRY_ADDRESS_HIGH   4
#define ENTRY_DATA           8
#define ENTRY_CONTROL        12
#define ENTRY_MASKED         1u
#define MSI_ADDRESS          0xfee00000u

bool msix_open(struct msix *msix, const struct pci_function *function)
{
    uint8_t at = pci_find_capability(function->bdf, PCI_CAP_ID_MSIX, 0);
    if (!at)
        return false;
    uint32_t table = pci_read32(function->bdf, at + MSIX_TABLE);
    uint32_t pba = pci_read32(function->bdf, at + MSIX_PBA);
    if ((table & BIR_MASK) >= PCI_BARS || (pba & BIR_MASK) >= PCI_BARS)
        return false;
    msix->function = function;
    msix->capability = at;
    msix->entries = (pci_read16(function->bdf, at + MSIX_MESSAGE_CONTROL) & CONTROL_SIZE_MASK) + 1;
    msix->table = function->bars[table & BIR_MASK].address + (table & ~BIR_MASK);
    msix->pending = function->bars[pba & BIR_MASK].address + (pba & ~BIR_MASK);
    return true;
}

static void change_control(struct msix *msix, uint16_t bit, bool set)
{
    uint32_t offset = msix->capability + MSIX_MESSAGE_CONTROL;
    uint16_t control = pci_read16(msix->function->bdf, offset);
    pci_write16(msix->function->bdf, offset, set ? control | bit : control & ~bit);
}

void msix_enable(struct msix *msix, bool enabled)
{
    change_control(msix, CONTROL_ENABLE, enabled);
}

void msix_mask_function(struct msix *msix, bool masked)
{
    change_control(msix, CONTROL_MASK_ALL, masked);
}

void msix_aim(struct msix *msix, uint16_t entry, uint8_t vector, uint32_t apic_id)
{
    uint64_t at = msix->table + entry * ENTRY_SIZE;
    mmio_write32(at + ENTRY_ADDRESS_LOW, MSI_ADDRESS | apic_id << 12);
    mmio_write32(at + ENTRY_ADDRESS_HIGH, 0);
    mmio_write32(at + ENTRY_DATA, vector);
    mmio_write32(at + ENTRY_CONTROL, 0);
}

void msix_mask(struct msix *msix, uint16_t entry, bool masked)
{
    mmio_write32(msix->table + entry * ENTRY_SIZE + ENTRY_CONTROL, masked ? ENTRY_MASKED : 0);
}

bool msix_is_pending(const struct msix *msix, uint16_t entry)
{
    return mmio_read32(msix->pending + entry / 32 * 4) >> entry % 32 & 1;
}
