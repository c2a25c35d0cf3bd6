/* Opening and speaking to a virtio-gpu. */
#include "gpu/device.h"

#include "core/cmdline.h"
#include "core/memory.h"
#include "core/report.h"

bool gpu_restart(struct gpu *gpu)
{
    return virtio_negotiate(&gpu->device, gpu->device.features) &&
           virtqueue_enable(&gpu->control, VIRTIO_MSI_NO_VECTOR) &&
           virtqueue_enable(&gpu->cursor, VIRTIO_MSI_NO_VECTOR) && (virtio_driver_ok(&gpu->device), true);
}

bool gpu_is_present(void)
{
    return virtio_find(VIRTIO_ID_GPU, (uint32_t)cmdline_number("gpu", 0)) != NULL;
}

bool gpu_open_with_vectors(struct gpu *gpu, uint64_t wanted, uint16_t control_entry, uint16_t cursor_entry)
{
    uint64_t index = cmdline_number("gpu", 0);
    const struct pci_function *function = virtio_find(VIRTIO_ID_GPU, (uint32_t)index);
    memset(gpu, 0, sizeof *gpu);
    if (!function) {
        report_skip("no virtio-gpu number %lu", index);
        return false;
    }
    if (cmdline_flag("noindirect"))
        wanted &= ~VIRTIO_F_INDIRECT_DESC;
    if (cmdline_flag("noeventidx"))
        wanted &= ~VIRTIO_F_EVENT_IDX;
    bool up = check(virtio_open(&gpu->device, function), "virtio-gpu capabilities expected complete") &&
              check(virtio_negotiate(&gpu->device, wanted), "features of virtio-gpu expected accepted") &&
              check(virtqueue_setup(&gpu->control, &gpu->device, VIRTIO_GPU_CONTROLQ, 0, control_entry),
                    "controlq expected enabled") &&
              check(virtqueue_setup(&gpu->cursor, &gpu->device, VIRTIO_GPU_CURSORQ, 0, cursor_entry),
                    "cursorq expected enabled");
    if (!up) {
        report_end("unreachable");
        return false;
    }
    virtio_driver_ok(&gpu->device);
    gpu->request = memory_allocate(PAGE_SIZE, PAGE_SIZE);
    gpu->response = memory_allocate(GPU_RESPONSE_BYTES, PAGE_SIZE);
    if (gpu->device.features & VIRTIO_F_INDIRECT_DESC)
        gpu->indirect = memory_allocate(sizeof(struct virtq_desc) * 4, 16);
    gpu->next_fence = 1;
    gpu->scanouts = virtio_config_read32(&gpu->device, VIRTIO_GPU_CONFIG_NUM_SCANOUTS);
    gpu->capsets = virtio_config_read32(&gpu->device, VIRTIO_GPU_CONFIG_NUM_CAPSETS);
    return true;
}

bool gpu_open(struct gpu *gpu, uint64_t wanted)
{
    return gpu_open_with_vectors(gpu, wanted, VIRTIO_MSI_NO_VECTOR, VIRTIO_MSI_NO_VECTOR);
}

void gpu_close(struct gpu *gpu)
{
    check(virtio_reset(&gpu->device), "virtio-gpu status after reset expected 0");
}

uint32_t gpu_command(struct gpu *gpu, const void *request, uint32_t length, const void *extra,
                     uint32_t extra_length)
{
    struct virtio_gpu_ctrl_hdr *header = (struct virtio_gpu_ctrl_hdr *)gpu->response;
    struct virtq_buffer buffers[3] = {{(uint64_t)gpu->request, length}};
    uint16_t readable = 1, head;
    if (extra_length)
        buffers[readable++] = (struct virtq_buffer){(uint64_t)extra, extra_length};
    buffers[readable] = (struct virtq_buffer){(uint64_t)gpu->response, GPU_RESPONSE_BYTES};
    memcpy(gpu->request, request, length);
    memset(header, 0, sizeof *header);
    gpu->response_length = 0;
    if (virtqueue_add(&gpu->control, buffers, readable, 1, gpu->indirect) == VIRTQUEUE_FULL)
        return GPU_NO_RESPONSE;
    virtqueue_kick(&gpu->control);
    if (!virtqueue_wait(&gpu->control, &head, &gpu->response_length, GPU_TIMEOUT_MS))
        return GPU_NO_RESPONSE;
    return gpu->response_length >= sizeof *header ? header->type : GPU_NO_RESPONSE;
}

bool gpu_cursor_command(struct gpu *gpu, const struct virtio_gpu_update_cursor *command)
{
    struct virtq_buffer buffer = {(uint64_t)gpu->request, sizeof *command};
    uint16_t head;
    memcpy(gpu->request, command, sizeof *command);
    if (virtqueue_add(&gpu->cursor, &buffer, 1, 0, NULL) == VIRTQUEUE_FULL)
        return false;
    virtqueue_kick(&gpu->cursor);
    return virtqueue_wait(&gpu->cursor, &head, NULL, GPU_TIMEOUT_MS);
}

static uint32_t refusals;

bool gpu_is_answer(uint32_t wanted, uint32_t got)
{
    if (got == wanted)
        return true;
    bool refused = got == VIRTIO_GPU_RESP_ERR_UNSPEC && cmdline_flag("refused");
    refusals += refused;
    return refused;
}

uint32_t gpu_refusals(void)
{
    return refusals;
}

const char *gpu_response_name(uint32_t type)
{
    switch (type) {
    case GPU_NO_RESPONSE:
        return "NO_RESPONSE";
    case VIRTIO_GPU_RESP_OK_NODATA:
        return "OK_NODATA";
    case VIRTIO_GPU_RESP_OK_DISPLAY_INFO:
        return "OK_DISPLAY_INFO";
    case VIRTIO_GPU_RESP_OK_CAPSET_INFO:
        return "OK_CAPSET_INFO";
    case VIRTIO_GPU_RESP_OK_CAPSET:
        return "OK_CAPSET";
    case VIRTIO_GPU_RESP_OK_EDID:
        return "OK_EDID";
    case VIRTIO_GPU_RESP_OK_RESOURCE_UUID:
        return "OK_RESOURCE_UUID";
    case VIRTIO_GPU_RESP_OK_MAP_INFO:
        return "OK_MAP_INFO";
    case VIRTIO_GPU_RESP_ERR_UNSPEC:
        return "ERR_UNSPEC";
    case VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY:
        return "ERR_OUT_OF_MEMORY";
    case VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID:
        return "ERR_INVALID_SCANOUT_ID";
    case VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID:
        return "ERR_INVALID_RESOURCE_ID";
    case VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID:
        return "ERR_INVALID_CONTEXT_ID";
    case VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER:
        return "ERR_INVALID_PARAMETER";
    default:
        return "UNKNOWN";
    }
}
