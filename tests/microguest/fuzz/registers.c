/* Rubbish in registers: common configuration, notify, ISR, device configuration, MSI-X table, holes. */
#include "core/instructions.h"
#include "core/lapic.h"
#include "core/memory.h"
#include "core/tsc.h"
#include "fuzz/fuzz.h"

#define ACCESSES      24
#define FUZZ_VECTOR   0x60
#define MSI_WINDOW    0xfee00000u
#define ENTRY_SIZE    16
#define ENTRY_CONTROL 12

static void read_any(struct random *r, uint64_t address)
{
    switch (random_below(r, 4)) {
    case 0:
        mmio_read8(address);
        break;
    case 1:
        mmio_read16(address);
        break;
    case 2:
        mmio_read32(address);
        break;
    default:
        mmio_read64(address);
    }
}

static void write_any(struct random *r, uint64_t address)
{
    uint64_t value = (uint64_t)random_awkward(r) << 32 | random_awkward(r);
    switch (random_below(r, 4)) {
    case 0:
        mmio_write8(address, (uint8_t)value);
        break;
    case 1:
        mmio_write16(address, (uint16_t)value);
        break;
    case 2:
        mmio_write32(address, (uint32_t)value);
        break;
    default:
        mmio_write64(address, value);
    }
}

/* An offset inside a region, such that 8 bytes fit; half of them aligned to the field sizes. */
static uint64_t any_offset(struct random *r, uint64_t length)
{
    uint32_t limit = length > 4096 ? 4096 : (uint32_t)length;
    if (limit <= 8)
        return 0;
    uint64_t offset = random_below(r, limit - 7);
    return random_chance(r, 50) ? offset & ~3ul : offset;
}

/* The used ring is what the device writes: it must not come to lie in the guest's own memory. */
static void keep_used_ring_harmless(struct fuzz *fuzz, const struct fuzz_target *target)
{
    uint64_t common = target->device->common.address;
    uint64_t used = mmio_read32(common + VIRTIO_PCI_COMMON_Q_USEDLO) |
                    (uint64_t)mmio_read32(common + VIRTIO_PCI_COMMON_Q_USEDHI) << 32;
    if (fuzz_may_write(fuzz, used & ~0xffful, 0x81000))
        return;
    mmio_write32(common + VIRTIO_PCI_COMMON_Q_USEDLO, (uint32_t)(uint64_t)fuzz->scratch);
    mmio_write32(common + VIRTIO_PCI_COMMON_Q_USEDHI, (uint32_t)((uint64_t)fuzz->scratch >> 32));
}

static void aim_all_queues_at_scratch(struct fuzz *fuzz, const struct fuzz_target *target)
{
    uint64_t common = target->device->common.address;
    for (uint32_t i = 0; i < target->queue_count; i++) {
        mmio_write16(common + VIRTIO_PCI_COMMON_Q_SELECT, (uint16_t)i);
        keep_used_ring_harmless(fuzz, target);
    }
}

static bool touches(uint64_t offset, uint64_t field, uint64_t size)
{
    return offset < field + size && offset + 8 > field;
}

bool fuzz_common_config(struct fuzz *fuzz, struct fuzz_target *target)
{
    struct random *r = &fuzz->random;
    struct virtio_device *device = target->device;
    const struct virtio_region *regions[] = {&device->common, &device->common, &device->common,
                                             &device->config, &device->isr,    &device->notify};
    if (random_chance(r, 50))
        virtio_reset(device);
    aim_all_queues_at_scratch(fuzz, target);
    for (uint32_t i = 0; i < ACCESSES; i++) {
        const struct virtio_region *region = regions[random_below(r, 6)];
        if (region->length == 0)
            continue;
        uint64_t offset = any_offset(r, region->length);
        bool common = region == &device->common;
        /* Enabling is a write of its own, after the check of where the used ring lies. */
        if (common && touches(offset, VIRTIO_PCI_COMMON_Q_ENABLE, 2) &&
            touches(offset, VIRTIO_PCI_COMMON_Q_USEDLO, 8))
            continue;
        fuzz->operations++;
        if (random_chance(r, 30)) {
            read_any(r, region->address + offset);
            continue;
        }
        write_any(r, region->address + offset);
        if (common)
            keep_used_ring_harmless(fuzz, target);
    }
    return fuzz_recover(fuzz, target);
}

/* With MSI-X off anything may stand in the table; with it on, only messages that are plain interrupts. */
bool fuzz_msix_table(struct fuzz *fuzz, struct fuzz_target *target)
{
    struct random *r = &fuzz->random;
    struct msix *msix = &target->device->msix;
    uint64_t common = target->device->common.address;
    if (!target->device->has_msix)
        return true;
    msix_enable(msix, false);
    for (uint32_t i = 0; i < ACCESSES / 2; i++, fuzz->operations++) {
        uint64_t at = msix->table + any_offset(r, (uint64_t)msix->entries * ENTRY_SIZE + 8);
        if (random_chance(r, 30))
            read_any(r, at);
        else
            write_any(r, at);
    }
    write_any(r, msix->pending);
    for (uint16_t entry = 0; entry < msix->entries; entry++) {
        msix_aim(msix, entry, (uint8_t)(FUZZ_VECTOR + entry % 64), lapic_id());
        msix_mask(msix, entry, true);
    }
    mmio_write16(common + VIRTIO_PCI_COMMON_MSIX, (uint16_t)random_awkward(r));
    for (uint32_t i = 0; i < target->queue_count; i++) {
        mmio_write16(common + VIRTIO_PCI_COMMON_Q_SELECT, (uint16_t)i);
        mmio_write16(common + VIRTIO_PCI_COMMON_Q_MSIX, random_chance(r, 80)
                                                            ? (uint16_t)random_below(r, msix->entries)
                                                            : (uint16_t)random_awkward(r));
    }
    msix_enable(msix, true);
    for (uint32_t i = 0; i < ACCESSES / 2; i++, fuzz->operations++) {
        uint64_t at = msix->table + random_below(r, msix->entries) * ENTRY_SIZE;
        uint32_t apic_id = random_chance(r, 70) ? lapic_id() : random_below(r, 256);
        switch (random_below(r, 5)) {
        case 0:
            mmio_write32(at, MSI_WINDOW | apic_id << 12);
            break;
        case 1:
            mmio_write32(at + 8, FUZZ_VECTOR + random_below(r, 64));
            break;
        case 2:
            msix_mask_function(msix, random_chance(r, 50));
            break;
        case 3:
            virtqueue_notify(&target->queues[random_below(r, target->queue_count)]);
            break;
        default:
            mmio_write32(at + ENTRY_CONTROL, random_awkward(r));
        }
    }
    msix_mask_function(msix, false);
    msix_enable(msix, false);
    return fuzz_recover(fuzz, target);
}

static bool belongs_to_a_device(uint64_t address)
{
    if (address >= 0xfec00000 || memory_is_ram(address & ~7ul, 16))
        return true;
    for (size_t i = 0; i < pci_function_count(); i++)
        for (unsigned b = 0; b < PCI_BARS; b++) {
            const struct pci_bar *bar = &pci_function_at(i)->bars[b];
            if (bar->size && address + 16 > bar->address && address < bar->address + bar->size)
                return true;
        }
    return false;
}

/* Addresses and ports behind which there is nothing, and functions that are not there. */
bool fuzz_address_space(struct fuzz *fuzz)
{
    struct random *r = &fuzz->random;
    uint64_t low = memory_low_end();
    for (uint32_t i = 0; i < ACCESSES; i++, fuzz->operations++) {
        uint64_t address = low + random_below(r, (uint32_t)(FOUR_GIB - low));
        uint16_t bdf = (uint16_t)random_next(r);
        switch (random_below(r, 4)) {
        case 0:
            if (!belongs_to_a_device(address))
                read_any(r, address);
            break;
        case 1:
            /* ECAM counts as nothing here; QEMU's chipset listens at more places than one wants to name. */
            if (!fuzz->is_qemu && !belongs_to_a_device(address) && !pci_is_config_space(address))
                write_any(r, address);
            break;
        case 2:
            pci_read32(bdf, random_below(r, 1024) * 4);
            pci_read8(bdf, random_below(r, 4096));
            pci_read16(bdf, random_below(r, 4095));
            break;
        default:
            if (random_chance(r, 50))
                in8((uint16_t)random_next(r));
            else if (random_chance(r, 50))
                in16((uint16_t)random_next(r));
            else
                in32((uint16_t)random_next(r));
        }
    }
    return true;
}
