/* virtio-input (virtio 1.3, 5.8). */
#ifndef MICROGUEST_VIRTIO_INPUT_H
#define MICROGUEST_VIRTIO_INPUT_H

#include "virtio/virtqueue.h"

#define VIRTIO_INPUT_CFG_UNSET     0x00
#define VIRTIO_INPUT_CFG_ID_NAME   0x01
#define VIRTIO_INPUT_CFG_ID_SERIAL 0x02
#define VIRTIO_INPUT_CFG_ID_DEVIDS 0x03
#define VIRTIO_INPUT_CFG_PROP_BITS 0x10
#define VIRTIO_INPUT_CFG_EV_BITS   0x11
#define VIRTIO_INPUT_CFG_ABS_INFO  0x12
#define VIRTIO_INPUT_CONFIG_BYTES  128

#define VIRTIO_INPUT_EVENTQ  0
#define VIRTIO_INPUT_STATUSQ 1

#define EV_SYN 0x00
#define EV_KEY 0x01
#define EV_REL 0x02
#define EV_ABS 0x03
#define EV_LED 0x11
#define EV_CNT 0x20

struct virtio_input_event {
    uint16_t type;
    uint16_t code;
    uint32_t value;
};

struct virtio_input_absinfo {
    uint32_t min, max, fuzz, flat, res;
};

struct input_device {
    struct virtio_device device;
    struct virtqueue events, status;
    struct virtio_input_event *buffers;
    uint64_t received;
};

/* Opens a device and populates its event queue. */
bool input_open(struct input_device *input, const struct pci_function *function);
/* Selects and reads device configuration; returns the size the device says (at most 128). */
uint8_t input_config(const struct input_device *input, uint8_t select, uint8_t subsel, uint8_t *data);
/* Takes an event, if there is one, and gives the buffer back to the device. */
bool input_next(struct input_device *input, struct virtio_input_event *event);
/* Sends a status event (an LED) and waits until it is used. */
bool input_send_status(struct input_device *input, uint16_t type, uint16_t code, uint32_t value);

#endif
