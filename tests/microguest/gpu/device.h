/* A virtio-gpu device and the way to send it one command and read its answer. */
#ifndef MICROGUEST_GPU_DEVICE_H
#define MICROGUEST_GPU_DEVICE_H

#include "gpu/protocol.h"
#include "virtio/virtqueue.h"

#define GPU_TIMEOUT_MS     10000
#define GPU_RESPONSE_BYTES 65536

/* What gpu_command returns when nothing came back in time. */
#define GPU_NO_RESPONSE 0

struct gpu {
    struct virtio_device device;
    struct virtqueue control, cursor;
    uint8_t *request;  /* one page: the fixed part of a command */
    uint8_t *response; /* GPU_RESPONSE_BYTES */
    uint32_t response_length;
    uint64_t next_fence;
    struct virtq_desc *indirect; /* a table, if the feature was negotiated */
    uint32_t scanouts, capsets;
};

/*
 * Opens the GPU that gpu= names (the first by default) with the wanted features and both queues, polled.
 * Reports a skip and returns false if the machine has none; a GPU that does not come up fails the test.
 */
bool gpu_open(struct gpu *gpu, uint64_t wanted);
/* The same, with MSI-X table entries for the two queues. */
bool gpu_open_with_vectors(struct gpu *gpu, uint64_t wanted, uint16_t control_entry, uint16_t cursor_entry);
/* Whether the GPU that gpu= names is there. */
bool gpu_is_present(void);
/* Resets the device, so that nothing outlives the test. */
void gpu_close(struct gpu *gpu);
/* Feature negotiation and queue set-up once more, with the rings that are there already. */
bool gpu_restart(struct gpu *gpu);

/*
 * Sends `request` and, if extra_length is not 0, a second readable buffer; waits for the answer in
 * gpu->response. Returns its type or GPU_NO_RESPONSE.
 */
uint32_t gpu_command(struct gpu *gpu, const void *request, uint32_t length, const void *extra,
                     uint32_t extra_length);
/* A command on the cursor queue; cursor commands are answered with an empty or a header-only response. */
bool gpu_cursor_command(struct gpu *gpu, const struct virtio_gpu_update_cursor *command);

const char *gpu_response_name(uint32_t type);

/*
 * Whether a response is the one that was wanted. With refused on the command line the host's renderer refuses
 * fences now and then: the command was carried out, and answers VIRTIO_GPU_RESP_ERR_UNSPEC with its fence
 * instead.
 */
bool gpu_is_answer(uint32_t wanted, uint32_t got);
/* How many such answers there were. */
uint32_t gpu_refusals(void);

#endif
