/* virtio over PCI, modern interface only (virtio 1.3, 4.1). */
#ifndef MICROGUEST_VIRTIO_TRANSPORT_H
#define MICROGUEST_VIRTIO_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "pci/msix.h"
#include "pci/pci.h"

#define VIRTIO_PCI_VENDOR        0x1af4
#define VIRTIO_PCI_DEVICE_LEGACY 0x1000
#define VIRTIO_PCI_DEVICE_MODERN 0x1040
#define VIRTIO_PCI_DEVICE_LAST   0x107f

#define VIRTIO_ID_BLOCK 2
#define VIRTIO_ID_GPU   16
#define VIRTIO_ID_INPUT 18

#define VIRTIO_PCI_CAP_COMMON_CFG        1
#define VIRTIO_PCI_CAP_NOTIFY_CFG        2
#define VIRTIO_PCI_CAP_ISR_CFG           3
#define VIRTIO_PCI_CAP_DEVICE_CFG        4
#define VIRTIO_PCI_CAP_PCI_CFG           5
#define VIRTIO_PCI_CAP_SHARED_MEMORY_CFG 8

/* struct virtio_pci_cap */
#define VIRTIO_PCI_CAP_CFG_TYPE      3
#define VIRTIO_PCI_CAP_BAR           4
#define VIRTIO_PCI_CAP_ID            5
#define VIRTIO_PCI_CAP_OFFSET        8
#define VIRTIO_PCI_CAP_LENGTH        12
#define VIRTIO_PCI_NOTIFY_CAP_MULT   16
#define VIRTIO_PCI_CAP64_OFFSET_HIGH 16
#define VIRTIO_PCI_CAP64_LENGTH_HIGH 20
#define VIRTIO_PCI_CFG_DATA          16

/* struct virtio_pci_common_cfg */
#define VIRTIO_PCI_COMMON_DFSELECT      0x00
#define VIRTIO_PCI_COMMON_DF            0x04
#define VIRTIO_PCI_COMMON_GFSELECT      0x08
#define VIRTIO_PCI_COMMON_GF            0x0c
#define VIRTIO_PCI_COMMON_MSIX          0x10
#define VIRTIO_PCI_COMMON_NUMQ          0x12
#define VIRTIO_PCI_COMMON_STATUS        0x14
#define VIRTIO_PCI_COMMON_CFGGENERATION 0x15
#define VIRTIO_PCI_COMMON_Q_SELECT      0x16
#define VIRTIO_PCI_COMMON_Q_SIZE        0x18
#define VIRTIO_PCI_COMMON_Q_MSIX        0x1a
#define VIRTIO_PCI_COMMON_Q_ENABLE      0x1c
#define VIRTIO_PCI_COMMON_Q_NOFF        0x1e
#define VIRTIO_PCI_COMMON_Q_DESCLO      0x20
#define VIRTIO_PCI_COMMON_Q_DESCHI      0x24
#define VIRTIO_PCI_COMMON_Q_AVAILLO     0x28
#define VIRTIO_PCI_COMMON_Q_AVAILHI     0x2c
#define VIRTIO_PCI_COMMON_Q_USEDLO      0x30
#define VIRTIO_PCI_COMMON_Q_USEDHI      0x34
#define VIRTIO_PCI_COMMON_SIZE          0x38

#define VIRTIO_MSI_NO_VECTOR 0xffff

#define VIRTIO_CONFIG_S_ACKNOWLEDGE 0x01
#define VIRTIO_CONFIG_S_DRIVER      0x02
#define VIRTIO_CONFIG_S_DRIVER_OK   0x04
#define VIRTIO_CONFIG_S_FEATURES_OK 0x08
#define VIRTIO_CONFIG_S_NEEDS_RESET 0x40
#define VIRTIO_CONFIG_S_FAILED      0x80

#define VIRTIO_F_INDIRECT_DESC (1ul << 28)
#define VIRTIO_F_EVENT_IDX     (1ul << 29)
#define VIRTIO_F_VERSION_1     (1ul << 32)
#define VIRTIO_F_RING_PACKED   (1ul << 34)

struct virtio_region {
    uint64_t address;
    uint64_t length;
};

struct virtio_device {
    const struct pci_function *function;
    struct virtio_region common, notify, isr, config;
    uint32_t notify_multiplier;
    uint8_t pci_cfg_capability; /* offset of VIRTIO_PCI_CAP_PCI_CFG, 0 if there is none */
    uint64_t offered, features;
    bool has_msix;
    struct msix msix;
};

/* The n-th function with this virtio device id, or NULL. */
const struct pci_function *virtio_find(uint16_t device_id, uint32_t n);
/* The virtio device id of a function, 0 if it is none. */
uint16_t virtio_device_id(const struct pci_function *function);

/* Parses the capabilities and switches the function on; false if it is no modern virtio device. */
bool virtio_open(struct virtio_device *device, const struct pci_function *function);
/* A shared memory region by its id, of length 0 if there is none. */
struct virtio_region virtio_shared_memory(const struct pci_function *function, uint8_t id);
/* Writes status 0 and waits until it reads back; false after a second. */
bool virtio_reset(struct virtio_device *device);
/* Reset, ACKNOWLEDGE, DRIVER, the wanted of the offered features, FEATURES_OK. */
bool virtio_negotiate(struct virtio_device *device, uint64_t wanted);
void virtio_driver_ok(struct virtio_device *device);
uint8_t virtio_status(const struct virtio_device *device);
uint16_t virtio_queue_count(const struct virtio_device *device);
/* Uses an MSI-X table entry for configuration changes; false if the device did not take it. */
bool virtio_set_config_vector(struct virtio_device *device, uint16_t entry);

uint32_t virtio_config_read32(const struct virtio_device *device, uint32_t offset);
void virtio_config_write32(const struct virtio_device *device, uint32_t offset, uint32_t value);
uint8_t virtio_config_read8(const struct virtio_device *device, uint32_t offset);
void virtio_config_write8(const struct virtio_device *device, uint32_t offset, uint8_t value);

#endif
