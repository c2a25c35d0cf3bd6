/* Making a device work again after anything. */
#include "core/instructions.h"
#include "core/report.h"
#include "core/tsc.h"
#include "fuzz/fuzz.h"

/* What a device must do before anything else: come back from a reset, clean. */
static bool reset_is_clean(struct fuzz *fuzz, struct fuzz_target *target)
{
    uint64_t common = target->device->common.address;
    uint32_t index = (uint32_t)(target - fuzz->targets);
    if (!check(virtio_reset(target->device), "device %u status after reset expected 0 got %x (operation %lu)",
               index, virtio_status(target->device), fuzz->operations))
        return false;
    for (uint32_t i = 0; i < target->queue_count; i++) {
        mmio_write16(common + VIRTIO_PCI_COMMON_Q_SELECT, target->queues[i].index);
        uint16_t enabled = mmio_read16(common + VIRTIO_PCI_COMMON_Q_ENABLE);
        check(enabled == 0, "device %u queue %u after reset expected disabled got %u (operation %lu)", index,
              i, enabled, fuzz->operations);
    }
    return true;
}

bool fuzz_recover(struct fuzz *fuzz, struct fuzz_target *target)
{
    struct virtio_device *device = target->device;
    uint32_t index = (uint32_t)(target - fuzz->targets);
    fuzz->resets++;
    if (!reset_is_clean(fuzz, target))
        return false;
    if (!check(virtio_negotiate(device, target->features) && device->features == target->features,
               "device %u features expected %lx got %lx (operation %lu)", index, target->features,
               device->features, fuzz->operations))
        return false;
    for (uint32_t i = 0; i < target->queue_count; i++)
        if (!check(virtqueue_enable(&target->queues[i], VIRTIO_MSI_NO_VECTOR),
                   "device %u queue %u expected to come up (operation %lu)", index, i, fuzz->operations))
            return false;
    virtio_driver_ok(device);
    uint8_t status = virtio_status(device);
    return check(status == (VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
                            VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK),
                 "device %u status expected f got %x (operation %lu)", index, status, fuzz->operations);
}
