/* MSI-X (PCI Local Bus 3.0, 6.8.2): table entries aimed at local APIC vectors. */
#ifndef MICROGUEST_MSIX_H
#define MICROGUEST_MSIX_H

#include "pci/pci.h"

struct msix {
    const struct pci_function *function;
    uint8_t capability;
    uint16_t entries;
    uint64_t table, pending;
};

/* False where the function has no MSI-X. */
bool msix_open(struct msix *msix, const struct pci_function *function);
void msix_enable(struct msix *msix, bool enabled);
void msix_mask_function(struct msix *msix, bool masked);
/* Aims an unmasked entry at a vector of the CPU with this APIC id. */
void msix_aim(struct msix *msix, uint16_t entry, uint8_t vector, uint32_t apic_id);
void msix_mask(struct msix *msix, uint16_t entry, bool masked);
bool msix_is_pending(const struct msix *msix, uint16_t entry);

#endif
