/* virtio-gpu commands: plausible ones, plausible ones with damage, and noise. */
#include "core/memory.h"
#include "fuzz/fuzz.h"

#define MOST_ENTRIES 8

static const struct {
    uint32_t type;
    uint32_t size;
} commands[] = {
    {VIRTIO_GPU_CMD_GET_DISPLAY_INFO, 24},
    {VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, 40},
    {VIRTIO_GPU_CMD_RESOURCE_UNREF, 32},
    {VIRTIO_GPU_CMD_SET_SCANOUT, 48},
    {VIRTIO_GPU_CMD_RESOURCE_FLUSH, 48},
    {VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D, 56},
    {VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING, 32},
    {VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, 32},
    {VIRTIO_GPU_CMD_GET_CAPSET_INFO, 32},
    {VIRTIO_GPU_CMD_GET_CAPSET, 32},
    {VIRTIO_GPU_CMD_GET_EDID, 32},
    {VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID, 32},
    {VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB, 56},
    {VIRTIO_GPU_CMD_SET_SCANOUT_BLOB, 96},
    {VIRTIO_GPU_CMD_CTX_CREATE, 96},
    {VIRTIO_GPU_CMD_CTX_DESTROY, 24},
    {VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, 32},
    {VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE, 32},
    {VIRTIO_GPU_CMD_RESOURCE_CREATE_3D, 72},
    {VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, 72},
    {VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D, 72},
    {VIRTIO_GPU_CMD_SUBMIT_3D, 32},
    {VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB, 40},
    {VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB, 32},
    {VIRTIO_GPU_CMD_UPDATE_CURSOR, 56},
    {VIRTIO_GPU_CMD_MOVE_CURSOR, 56},
};

static uint32_t resource_id(struct random *r)
{
    return random_chance(r, 95) ? 1 + random_below(r, 8) : random_awkward(r);
}

static uint32_t dimension(struct random *r)
{
    return random_chance(r, 90) ? 1 + random_below(r, 300) : random_awkward(r);
}

static uint32_t format(struct random *r)
{
    static const uint32_t formats[] = {1, 2, 3, 4, 67, 68, 121, 134, 0, 5};
    return random_chance(r, 95) ? formats[random_below(r, 10)] : random_awkward(r);
}

static struct virtio_gpu_rect rectangle(struct random *r)
{
    if (random_chance(r, 10))
        return (struct virtio_gpu_rect){random_awkward(r), random_awkward(r), random_awkward(r),
                                        random_awkward(r)};
    return (struct virtio_gpu_rect){random_below(r, 64), random_below(r, 64), random_below(r, 128),
                                    random_below(r, 128)};
}

static uint32_t add_entries(struct fuzz *fuzz, uint8_t *request, uint32_t length, uint32_t *declared)
{
    uint32_t count = random_below(&fuzz->random, MOST_ENTRIES + 1);
    *declared = random_chance(&fuzz->random, 90) ? count : random_awkward(&fuzz->random);
    for (uint32_t i = 0; i < count; i++, length += (uint32_t)sizeof(struct virtio_gpu_mem_entry)) {
        struct virtio_gpu_mem_entry entry = {0, 0, 0};
        fuzz_range(fuzz, true, &entry.addr, &entry.length);
        if (random_chance(&fuzz->random, 70)) {
            entry.addr = (uint64_t)fuzz->scratch + (random_below(&fuzz->random, 512) << 12);
            entry.length = (1 + random_below(&fuzz->random, 64)) << 12;
        }
        memcpy(request + length, &entry, sizeof entry);
    }
    return length;
}

/* Sensible values in the fields that decide how far a command gets. */
static uint32_t fill_fields(struct fuzz *fuzz, uint32_t type, uint8_t *request, uint32_t length)
{
    struct random *r = &fuzz->random;
    uint32_t *body = (uint32_t *)(request + sizeof(struct virtio_gpu_ctrl_hdr));
    struct virtio_gpu_rect rect = rectangle(r);
    switch (type) {
    case VIRTIO_GPU_CMD_RESOURCE_CREATE_2D:
        body[0] = resource_id(r);
        body[1] = format(r);
        body[2] = dimension(r);
        body[3] = dimension(r);
        break;
    case VIRTIO_GPU_CMD_SET_SCANOUT:
        memcpy(body, &rect, sizeof rect);
        body[4] = random_below(r, 3);
        body[5] = random_chance(r, 80) ? resource_id(r) : 0;
        break;
    case VIRTIO_GPU_CMD_RESOURCE_FLUSH:
        memcpy(body, &rect, sizeof rect);
        body[4] = resource_id(r);
        break;
    case VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D:
        memcpy(body, &rect, sizeof rect);
        body[4] = random_chance(r, 80) ? random_below(r, 65536) : random_awkward(r);
        body[5] = random_chance(r, 95) ? 0 : random_awkward(r);
        body[6] = resource_id(r);
        break;
    case VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING:
        body[0] = resource_id(r);
        return add_entries(fuzz, request, length, &body[1]);
    case VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB:
        body[0] = resource_id(r);
        body[1] = random_below(r, 5);
        body[2] = random_below(r, 8);
        body[6] = random_chance(r, 80) ? (1 + random_below(r, 64)) << 12 : random_awkward(r);
        return add_entries(fuzz, request, length, &body[3]);
    case VIRTIO_GPU_CMD_RESOURCE_CREATE_3D: {
        const uint32_t fields[] = {resource_id(r),     random_below(r, 9), format(r),
                                   random_awkward(r),  dimension(r),       dimension(r),
                                   random_below(r, 3), random_below(r, 3), random_below(r, 4),
                                   random_below(r, 3), random_below(r, 2)};
        memcpy(body, fields, sizeof fields);
        break;
    }
    case VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D:
    case VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D: {
        const uint32_t fields[] = {rect.x,
                                   rect.y,
                                   0,
                                   rect.width,
                                   rect.height,
                                   random_below(r, 3),
                                   random_below(r, 65536),
                                   0,
                                   resource_id(r),
                                   random_below(r, 3),
                                   random_below(r, 4096),
                                   random_below(r, 2)};
        memcpy(body, fields, sizeof fields);
        break;
    }
    case VIRTIO_GPU_CMD_CTX_CREATE:
        body[0] = random_chance(r, 90) ? random_below(r, 65) : random_awkward(r);
        body[1] = random_chance(r, 80) ? random_below(r, 8) : random_awkward(r);
        break;
    case VIRTIO_GPU_CMD_SUBMIT_3D:
        body[0] = random_below(r, 16) * 4;
        random_fill(r, request + length, 64);
        return length + random_below(r, 65);
    case VIRTIO_GPU_CMD_UPDATE_CURSOR:
    case VIRTIO_GPU_CMD_MOVE_CURSOR:
        body[0] = random_below(r, 3);
        body[4] = resource_id(r);
        break;
    default:
        if (length > sizeof(struct virtio_gpu_ctrl_hdr))
            body[0] = resource_id(r);
    }
    return length;
}

static void damage(struct random *r, uint8_t *request, uint32_t length)
{
    for (uint32_t i = random_below(r, 4); i > 0; i--) {
        uint32_t at = random_below(r, length);
        if (random_chance(r, 50) && at + 4 <= length) {
            uint32_t value = random_awkward(r);
            memcpy(request + at, &value, sizeof value);
        } else {
            request[at] = (uint8_t)random_next(r);
        }
    }
}

/* Whatever the command turned out to be: no backing may lead a read-back into the guest's own memory. */
static void make_backing_harmless(struct fuzz *fuzz, uint8_t *request, uint32_t length, uint32_t first)
{
    for (uint32_t at = first; at + sizeof(struct virtio_gpu_mem_entry) <= length;
         at += (uint32_t)sizeof(struct virtio_gpu_mem_entry)) {
        struct virtio_gpu_mem_entry entry;
        memcpy(&entry, request + at, sizeof entry);
        if (fuzz_may_write(fuzz, entry.addr, entry.length))
            continue;
        entry.addr = (uint64_t)fuzz->scratch;
        memcpy(request + at, &entry.addr, sizeof entry.addr);
    }
}

uint32_t fuzz_make_command(struct fuzz *fuzz, uint8_t *request, uint32_t capacity)
{
    struct random *r = &fuzz->random;
    struct virtio_gpu_ctrl_hdr *header = (struct virtio_gpu_ctrl_hdr *)request;
    uint32_t length;
    memset(request, 0, capacity);
    if (random_chance(r, 10)) {
        length = 1 + random_below(r, 255);
        random_fill(r, request, length);
    } else {
        uint32_t which = random_below(r, sizeof commands / sizeof *commands);
        header->type = commands[which].type;
        header->flags = random_chance(r, 50) ? VIRTIO_GPU_FLAG_FENCE : random_below(r, 4);
        header->fence_id = random_next(r);
        header->ctx_id = random_below(r, 4);
        header->ring_idx = (uint8_t)(random_chance(r, 90) ? 0 : random_next(r));
        length = fill_fields(fuzz, header->type, request, commands[which].size);
        if (random_chance(r, 30))
            damage(r, request, length);
        if (random_chance(r, 5))
            length = 1 + random_below(r, length);
    }
    if (header->type == VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING)
        make_backing_harmless(fuzz, request, length, 32);
    if (header->type == VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB)
        make_backing_harmless(fuzz, request, length, 56);
    /* QEMU 7.2 asserts that the offset lies within the backing. */
    if (fuzz->is_qemu && header->type == VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D)
        header->type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO;
    return length;
}
