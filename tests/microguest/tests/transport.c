/* virtio: the common configuration of every virtio device keeps the rules of virtio 1.3, 4.1.4. */
#include "core/cmdline.h"
#include "core/instructions.h"
#include "core/memory.h"
#include "core/report.h"
#include "tests/tests.h"
#include "virtio/virtqueue.h"

#define NO_SUCH_QUEUE 0x3ff
#define UNOFFERED     (1ul << 63)

static uint64_t common_of(const struct virtio_device *device)
{
    return device->common.address;
}

static void set_driver_features(const struct virtio_device *device, uint64_t features)
{
    mmio_write32(common_of(device) + VIRTIO_PCI_COMMON_GFSELECT, 0);
    mmio_write32(common_of(device) + VIRTIO_PCI_COMMON_GF, (uint32_t)features);
    mmio_write32(common_of(device) + VIRTIO_PCI_COMMON_GFSELECT, 1);
    mmio_write32(common_of(device) + VIRTIO_PCI_COMMON_GF, (uint32_t)(features >> 32));
}

/* Whether FEATURES_OK stays set with these features. */
static bool accepts(struct virtio_device *device, uint64_t features)
{
    const uint8_t status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
    virtio_reset(device);
    mmio_write8(common_of(device) + VIRTIO_PCI_COMMON_STATUS, status);
    set_driver_features(device, features);
    mmio_write8(common_of(device) + VIRTIO_PCI_COMMON_STATUS, status | VIRTIO_CONFIG_S_FEATURES_OK);
    return virtio_status(device) & VIRTIO_CONFIG_S_FEATURES_OK;
}

static void check_features(struct virtio_device *device, uint16_t id)
{
    check(virtio_negotiate(device, UINT64_MAX & ~VIRTIO_F_RING_PACKED),
          "device %u: all offered features expected accepted", id);
    check(device->offered & VIRTIO_F_VERSION_1, "device %u: VERSION_1 expected offered got %lx", id,
          device->offered);
    mmio_write32(common_of(device) + VIRTIO_PCI_COMMON_DFSELECT, 2);
    uint32_t beyond = mmio_read32(common_of(device) + VIRTIO_PCI_COMMON_DF);
    check(beyond == 0, "device %u: features 64-95 expected 0 got %x", id, beyond);
    check(accepts(device, VIRTIO_F_VERSION_1), "device %u: VERSION_1 alone expected accepted", id);
    /* QEMU takes both: it forgets unknown bits, and its transitional devices do without VERSION_1. */
    if (cmdline_list_has("peer", "qemu"))
        return;
    check(!accepts(device, VIRTIO_F_VERSION_1 | UNOFFERED),
          "device %u: a feature not offered expected refused", id);
    check(!accepts(device, 0), "device %u: no VERSION_1 expected refused", id);
}

static void check_queues(struct virtio_device *device, uint16_t id)
{
    uint64_t common = common_of(device);
    uint16_t queues = virtio_queue_count(device);
    check(queues > 0, "device %u: queues expected >0 got 0", id);
    check(virtio_negotiate(device, 0), "device %u: features expected accepted", id);
    for (uint16_t i = 0; i < queues; i++) {
        mmio_write16(common + VIRTIO_PCI_COMMON_Q_SELECT, i);
        uint16_t size = mmio_read16(common + VIRTIO_PCI_COMMON_Q_SIZE);
        uint16_t enabled = mmio_read16(common + VIRTIO_PCI_COMMON_Q_ENABLE);
        uint64_t notify =
            (uint64_t)mmio_read16(common + VIRTIO_PCI_COMMON_Q_NOFF) * device->notify_multiplier;
        check(size && !(size & (size - 1)), "device %u queue %u: size expected a power of two got %u", id, i,
              size);
        check(enabled == 0, "device %u queue %u: expected disabled got %u", id, i, enabled);
        check(notify + 2 <= device->notify.length, "device %u queue %u: doorbell at %lx beyond %lx", id, i,
              notify, device->notify.length);
        mmio_write16(common + VIRTIO_PCI_COMMON_Q_SIZE, size / 2);
        uint16_t smaller = mmio_read16(common + VIRTIO_PCI_COMMON_Q_SIZE);
        check(smaller == size / 2, "device %u queue %u: size expected %u got %u", id, i, size / 2, smaller);
        mmio_write32(common + VIRTIO_PCI_COMMON_Q_DESCLO, 0x12345000);
        mmio_write32(common + VIRTIO_PCI_COMMON_Q_DESCHI, 0x6);
        check(mmio_read32(common + VIRTIO_PCI_COMMON_Q_DESCLO) == 0x12345000 &&
                  mmio_read32(common + VIRTIO_PCI_COMMON_Q_DESCHI) == 0x6,
              "device %u queue %u: address expected read back", id, i);
    }
    mmio_write16(common + VIRTIO_PCI_COMMON_Q_SELECT, NO_SUCH_QUEUE);
    uint16_t size = mmio_read16(common + VIRTIO_PCI_COMMON_Q_SIZE);
    check(size == 0, "device %u: size of a queue that is not there expected 0 got %u", id, size);
}

static void check_read_only(struct virtio_device *device, uint16_t id)
{
    uint64_t common = common_of(device);
    uint16_t queues = virtio_queue_count(device);
    uint8_t generation = mmio_read8(common + VIRTIO_PCI_COMMON_CFGGENERATION);
    mmio_write16(common + VIRTIO_PCI_COMMON_NUMQ, (uint16_t)~queues);
    mmio_write8(common + VIRTIO_PCI_COMMON_CFGGENERATION, (uint8_t)~generation);
    check(virtio_queue_count(device) == queues, "device %u: num_queues expected read-only", id);
    check(mmio_read8(common + VIRTIO_PCI_COMMON_CFGGENERATION) == generation,
          "device %u: config_generation expected read-only", id);
    mmio_write32(common + VIRTIO_PCI_COMMON_DFSELECT, 1);
    uint32_t offered = mmio_read32(common + VIRTIO_PCI_COMMON_DF);
    mmio_write32(common + VIRTIO_PCI_COMMON_DF, ~offered);
    check(mmio_read32(common + VIRTIO_PCI_COMMON_DF) == offered,
          "device %u: device_feature expected read-only", id);
}

static void check_vectors(struct virtio_device *device, uint16_t id)
{
    uint64_t common = common_of(device);
    if (!check(device->has_msix, "device %u: MSI-X expected", id))
        return;
    check(virtio_set_config_vector(device, 0), "device %u: config vector 0 expected accepted", id);
    check(!virtio_set_config_vector(device, device->msix.entries) &&
              mmio_read16(common + VIRTIO_PCI_COMMON_MSIX) == VIRTIO_MSI_NO_VECTOR,
          "device %u: config vector %u expected NO_VECTOR", id, device->msix.entries);
    mmio_write16(common + VIRTIO_PCI_COMMON_Q_SELECT, 0);
    mmio_write16(common + VIRTIO_PCI_COMMON_Q_MSIX, device->msix.entries);
    uint16_t got = mmio_read16(common + VIRTIO_PCI_COMMON_Q_MSIX);
    check(got == VIRTIO_MSI_NO_VECTOR, "device %u: queue vector %u expected NO_VECTOR got %x", id,
          device->msix.entries, got);
}

/* The window in configuration space that reaches BARs without mapping them (4.1.4.9). */
static void check_window(struct virtio_device *device, uint16_t id)
{
    uint16_t bdf = device->function->bdf;
    uint32_t at = device->pci_cfg_capability;
    if (!check(at != 0, "device %u: VIRTIO_PCI_CAP_PCI_CFG expected", id))
        return;
    for (uint8_t other = 0; (other = pci_find_capability(bdf, PCI_CAP_ID_VNDR, other));) {
        if (pci_read8(bdf, other + VIRTIO_PCI_CAP_CFG_TYPE) != VIRTIO_PCI_CAP_COMMON_CFG)
            continue;
        pci_write8(bdf, at + VIRTIO_PCI_CAP_BAR, pci_read8(bdf, other + VIRTIO_PCI_CAP_BAR));
        pci_write32(bdf, at + VIRTIO_PCI_CAP_OFFSET,
                    pci_read32(bdf, other + VIRTIO_PCI_CAP_OFFSET) + VIRTIO_PCI_COMMON_NUMQ);
        pci_write32(bdf, at + VIRTIO_PCI_CAP_LENGTH, 2);
        uint16_t got = pci_read16(bdf, at + VIRTIO_PCI_CFG_DATA);
        check(got == virtio_queue_count(device), "device %u: num_queues by the window expected %u got %u", id,
              virtio_queue_count(device), got);
        return;
    }
}

static void check_device(const struct pci_function *function, uint16_t id)
{
    struct virtio_device device;
    if (!check(virtio_open(&device, function), "device %u: capabilities expected complete", id))
        return;
    check(virtio_reset(&device), "device %u: status after reset expected 0", id);
    check_features(&device, id);
    check_queues(&device, id);
    check_read_only(&device, id);
    check_vectors(&device, id);
    check_window(&device, id);
    mmio_read8(device.isr.address);
    check(mmio_read8(device.isr.address) == 0, "device %u: ISR expected cleared by reading", id);
    check(virtio_reset(&device), "device %u: status after reset expected 0", id);
    report_info("virtio device=%u bdf=%04x offered=%lx queues=%u vectors=%u", id, function->bdf,
                device.offered, virtio_queue_count(&device), device.has_msix ? device.msix.entries : 0);
}

void test_transport(void)
{
    uint32_t devices = 0;
    for (size_t i = 0; i < pci_function_count(); i++) {
        uint16_t id = virtio_device_id(pci_function_at(i));
        if (!id)
            continue;
        check_device(pci_function_at(i), id);
        devices++;
    }
    if (devices == 0)
        report_skip("no virtio device");
    else
        report_end("devices=%u", devices);
}
