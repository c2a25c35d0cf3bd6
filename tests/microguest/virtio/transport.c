/* Capabilities, status and features of a virtio-pci function. */
#include "virtio/transport.h"

#include "core/instructions.h"
#include "core/memory.h"
#include "core/tsc.h"

#define RESET_MS 1000

uint16_t virtio_device_id(const struct pci_function *f)
{
    if (f->vendor_id != VIRTIO_PCI_VENDOR || f->device_id < VIRTIO_PCI_DEVICE_LEGACY ||
        f->device_id > VIRTIO_PCI_DEVICE_LAST)
        return 0;
    return f->device_id >= VIRTIO_PCI_DEVICE_MODERN ? f->device_id - VIRTIO_PCI_DEVICE_MODERN
                                                    : f->subsystem_id;
}

const struct pci_function *virtio_find(uint16_t device_id, uint32_t n)
{
    for (size_t i = 0; i < pci_function_count(); i++)
        if (virtio_device_id(pci_function_at(i)) == device_id && n-- == 0)
            return pci_function_at(i);
    return NULL;
}

static struct virtio_region region_of(const struct pci_function *f, uint8_t capability)
{
    uint8_t bar = pci_read8(f->bdf, capability + VIRTIO_PCI_CAP_BAR);
    uint32_t offset = pci_read32(f->bdf, capability + VIRTIO_PCI_CAP_OFFSET);
    uint32_t length = pci_read32(f->bdf, capability + VIRTIO_PCI_CAP_LENGTH);
    if (bar >= PCI_BARS || !f->bars[bar].size || offset > f->bars[bar].size ||
        length > f->bars[bar].size - offset)
        return (struct virtio_region){0, 0};
    return (struct virtio_region){f->bars[bar].address + offset, length};
}

bool virtio_open(struct virtio_device *device, const struct pci_function *function)
{
    memset(device, 0, sizeof *device);
    device->function = function;
    pci_enable(function);
    for (uint8_t at = 0; (at = pci_find_capability(function->bdf, PCI_CAP_ID_VNDR, at));) {
        struct virtio_region region = region_of(function, at);
        switch (pci_read8(function->bdf, at + VIRTIO_PCI_CAP_CFG_TYPE)) {
        case VIRTIO_PCI_CAP_COMMON_CFG:
            device->common = region;
            break;
        case VIRTIO_PCI_CAP_NOTIFY_CFG:
            device->notify = region;
            device->notify_multiplier = pci_read32(function->bdf, at + VIRTIO_PCI_NOTIFY_CAP_MULT);
            break;
        case VIRTIO_PCI_CAP_ISR_CFG:
            device->isr = region;
            break;
        case VIRTIO_PCI_CAP_DEVICE_CFG:
            device->config = region;
            break;
        case VIRTIO_PCI_CAP_PCI_CFG:
            device->pci_cfg_capability = at;
            break;
        }
    }
    device->has_msix = msix_open(&device->msix, function);
    return device->common.length >= VIRTIO_PCI_COMMON_SIZE && device->notify.length && device->isr.length;
}

struct virtio_region virtio_shared_memory(const struct pci_function *f, uint8_t id)
{
    for (uint8_t at = 0; (at = pci_find_capability(f->bdf, PCI_CAP_ID_VNDR, at));) {
        if (pci_read8(f->bdf, at + VIRTIO_PCI_CAP_CFG_TYPE) != VIRTIO_PCI_CAP_SHARED_MEMORY_CFG ||
            pci_read8(f->bdf, at + VIRTIO_PCI_CAP_ID) != id)
            continue;
        uint8_t bar = pci_read8(f->bdf, at + VIRTIO_PCI_CAP_BAR);
        uint64_t offset = pci_read32(f->bdf, at + VIRTIO_PCI_CAP_OFFSET) |
                          (uint64_t)pci_read32(f->bdf, at + VIRTIO_PCI_CAP64_OFFSET_HIGH) << 32;
        uint64_t length = pci_read32(f->bdf, at + VIRTIO_PCI_CAP_LENGTH) |
                          (uint64_t)pci_read32(f->bdf, at + VIRTIO_PCI_CAP64_LENGTH_HIGH) << 32;
        if (bar < PCI_BARS && offset <= f->bars[bar].size && length <= f->bars[bar].size - offset)
            return (struct virtio_region){f->bars[bar].address + offset, length};
    }
    return (struct virtio_region){0, 0};
}

uint8_t virtio_status(const struct virtio_device *device)
{
    return mmio_read8(device->common.address + VIRTIO_PCI_COMMON_STATUS);
}

static void add_status(struct virtio_device *device, uint8_t bits)
{
    mmio_write8(device->common.address + VIRTIO_PCI_COMMON_STATUS, virtio_status(device) | bits);
}

bool virtio_reset(struct virtio_device *device)
{
    mmio_write8(device->common.address + VIRTIO_PCI_COMMON_STATUS, 0);
    uint64_t deadline = deadline_ms(RESET_MS);
    while (virtio_status(device) != 0)
        if (deadline_passed(deadline))
            return false;
    return true;
}

static uint64_t read_features(const struct virtio_device *device)
{
    uint64_t common = device->common.address;
    mmio_write32(common + VIRTIO_PCI_COMMON_DFSELECT, 0);
    uint64_t features = mmio_read32(common + VIRTIO_PCI_COMMON_DF);
    mmio_write32(common + VIRTIO_PCI_COMMON_DFSELECT, 1);
    return features | (uint64_t)mmio_read32(common + VIRTIO_PCI_COMMON_DF) << 32;
}

bool virtio_negotiate(struct virtio_device *device, uint64_t wanted)
{
    uint64_t common = device->common.address;
    if (!virtio_reset(device))
        return false;
    add_status(device, VIRTIO_CONFIG_S_ACKNOWLEDGE);
    add_status(device, VIRTIO_CONFIG_S_DRIVER);
    device->offered = read_features(device);
    device->features = device->offered & (wanted | VIRTIO_F_VERSION_1);
    mmio_write32(common + VIRTIO_PCI_COMMON_GFSELECT, 0);
    mmio_write32(common + VIRTIO_PCI_COMMON_GF, (uint32_t)device->features);
    mmio_write32(common + VIRTIO_PCI_COMMON_GFSELECT, 1);
    mmio_write32(common + VIRTIO_PCI_COMMON_GF, (uint32_t)(device->features >> 32));
    add_status(device, VIRTIO_CONFIG_S_FEATURES_OK);
    return virtio_status(device) & VIRTIO_CONFIG_S_FEATURES_OK;
}

void virtio_driver_ok(struct virtio_device *device)
{
    add_status(device, VIRTIO_CONFIG_S_DRIVER_OK);
}

uint16_t virtio_queue_count(const struct virtio_device *device)
{
    return mmio_read16(device->common.address + VIRTIO_PCI_COMMON_NUMQ);
}

bool virtio_set_config_vector(struct virtio_device *device, uint16_t entry)
{
    mmio_write16(device->common.address + VIRTIO_PCI_COMMON_MSIX, entry);
    return mmio_read16(device->common.address + VIRTIO_PCI_COMMON_MSIX) == entry;
}

uint32_t virtio_config_read32(const struct virtio_device *device, uint32_t offset)
{
    return mmio_read32(device->config.address + offset);
}

void virtio_config_write32(const struct virtio_device *device, uint32_t offset, uint32_t value)
{
    mmio_write32(device->config.address + offset, value);
}

uint8_t virtio_config_read8(const struct virtio_device *device, uint32_t offset)
{
    return mmio_read8(device->config.address + offset);
}

void virtio_config_write8(const struct virtio_device *device, uint32_t offset, uint8_t value)
{
    mmio_write8(device->config.address + offset, value);
}
