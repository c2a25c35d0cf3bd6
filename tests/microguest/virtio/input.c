/* virtio-input driver. */
#include "virtio/input.h"

#include "core/memory.h"

#define CONFIG_SELECT 0
#define CONFIG_SUBSEL 1
#define CONFIG_SIZE   2
#define CONFIG_DATA   8
#define STATUS_MS     2000

static void give_buffer(struct input_device *input, uint32_t index)
{
    struct virtq_buffer buffer = {(uint64_t)&input->buffers[index], sizeof *input->buffers};
    virtqueue_add(&input->events, &buffer, 0, 1, NULL);
}

bool input_open(struct input_device *input, const struct pci_function *function)
{
    memset(input, 0, sizeof *input);
    if (!virtio_open(&input->device, function) || !virtio_negotiate(&input->device, 0) ||
        !virtqueue_setup(&input->events, &input->device, VIRTIO_INPUT_EVENTQ, 0, VIRTIO_MSI_NO_VECTOR) ||
        !virtqueue_setup(&input->status, &input->device, VIRTIO_INPUT_STATUSQ, 0, VIRTIO_MSI_NO_VECTOR))
        return false;
    input->buffers = memory_allocate(sizeof *input->buffers * input->events.size, 16);
    virtio_driver_ok(&input->device);
    /* Descriptor i holds buffer i for good: chains of one are taken and given in the same order. */
    for (uint32_t i = 0; i < input->events.size; i++)
        give_buffer(input, i);
    virtqueue_kick(&input->events);
    return true;
}

uint8_t input_config(const struct input_device *input, uint8_t select, uint8_t subsel, uint8_t *data)
{
    virtio_config_write8(&input->device, CONFIG_SELECT, select);
    virtio_config_write8(&input->device, CONFIG_SUBSEL, subsel);
    uint8_t size = virtio_config_read8(&input->device, CONFIG_SIZE);
    for (uint32_t i = 0; i < size && i < VIRTIO_INPUT_CONFIG_BYTES; i++)
        data[i] = virtio_config_read8(&input->device, CONFIG_DATA + i);
    return size;
}

bool input_next(struct input_device *input, struct virtio_input_event *event)
{
    uint16_t head;
    uint32_t length;
    if (!virtqueue_pop(&input->events, &head, &length))
        return false;
    uint32_t index =
        (uint32_t)((input->events.desc[head].addr - (uint64_t)input->buffers) / sizeof *input->buffers);
    *event = input->buffers[index];
    if (length != sizeof *event)
        event->type = 0xffff;
    give_buffer(input, index);
    virtqueue_kick(&input->events);
    input->received++;
    return true;
}

bool input_send_status(struct input_device *input, uint16_t type, uint16_t code, uint32_t value)
{
    static struct virtio_input_event event __attribute__((aligned(16)));
    struct virtq_buffer buffer = {(uint64_t)&event, sizeof event};
    uint16_t head;
    event = (struct virtio_input_event){type, code, value};
    if (virtqueue_add(&input->status, &buffer, 1, 0, NULL) == VIRTQUEUE_FULL)
        return false;
    virtqueue_kick(&input->status);
    return virtqueue_wait(&input->status, &head, NULL, STATUS_MS);
}
