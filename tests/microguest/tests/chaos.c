/*
 * chaos: draws without end while a host kills the processes behind the GPU. Batches of commands are in flight
 * at any moment; each must be answered once, in time, and rightly. Bytes on the serial port steer it: 'v'
 * shows every surface in turn ("MG: picture", each until the next byte), 'q' ends.
 */
#include "core/instructions.h"
#include "core/memory.h"
#include "core/report.h"
#include "core/serial.h"
#include "core/tsc.h"
#include "fuzz/random.h"
#include "gpu/commands.h"
#include "gpu/picture.h"
#include "tests/gpu2d.h"
#include "tests/tests.h"

#define SURFACES     5
#define SCREEN       0
#define TEMPORARY_ID 100
#define SLOTS        16
#define SLOT_BYTES   512
#define PATTERNS     32
/* Longer than any recovery with its delays. */
#define ANSWER_MS      60000
#define LATE_ANSWER_US 200000

struct surface {
    uint32_t id, format;
    struct canvas canvas;
    uint8_t *memory;
};

struct slot {
    uint8_t *request, *response;
    struct virtq_desc *table;
    uint16_t head;
    uint32_t wanted;
    uint64_t fence;
    bool pending;
};

struct chaos {
    struct gpu gpu;
    struct random random;
    struct surface surfaces[SURFACES];
    struct slot slots[SLOTS];
    uint32_t used;
    uint64_t commands, answers;
};

static struct virtio_gpu_rect whole(const struct surface *surface)
{
    return (struct virtio_gpu_rect){0, 0, surface->canvas.width, surface->canvas.height};
}

static uint32_t bytes_of(const struct surface *surface)
{
    return surface->canvas.width * surface->canvas.height * 4;
}

/* Puts a command into the next slot; it is sent with the batch. Some carry a fence. */
static void put(struct chaos *chaos, const void *command, uint32_t length, uint32_t wanted)
{
    struct slot *slot = &chaos->slots[chaos->used++];
    struct virtio_gpu_ctrl_hdr *header = (struct virtio_gpu_ctrl_hdr *)slot->request;
    memcpy(slot->request, command, length);
    memset(slot->response, 0, SLOT_BYTES);
    slot->fence = 0;
    if (random_chance(&chaos->random, 50)) {
        slot->fence = chaos->gpu.next_fence++;
        header->flags |= VIRTIO_GPU_FLAG_FENCE;
        header->fence_id = slot->fence;
    }
    struct virtq_buffer buffers[2] = {{(uint64_t)slot->request, length},
                                      {(uint64_t)slot->response, SLOT_BYTES}};
    slot->wanted = wanted;
    slot->pending = true;
    slot->head = virtqueue_add(&chaos->gpu.control, buffers, 1, 1, slot->table);
    chaos->commands++;
}

static void check_answer(struct chaos *chaos, uint16_t head)
{
    struct slot *slot = NULL;
    for (uint32_t i = 0; i < chaos->used; i++)
        if (chaos->slots[i].head == head && chaos->slots[i].pending)
            slot = &chaos->slots[i];
    if (!check(slot != NULL, "answer to head %u, which awaits none: answered twice?", head))
        return;
    const struct virtio_gpu_ctrl_hdr *asked = (const struct virtio_gpu_ctrl_hdr *)slot->request;
    const struct virtio_gpu_ctrl_hdr *answer = (const struct virtio_gpu_ctrl_hdr *)slot->response;
    slot->pending = false;
    chaos->answers++;
    check(answer->type == slot->wanted, "command %x expected %s got %s (%x)", asked->type,
          gpu_response_name(slot->wanted), gpu_response_name(answer->type), answer->type);
    check(answer->fence_id == slot->fence, "fence expected %lx got %lx", slot->fence, answer->fence_id);
}

/* Sends what was put and waits for all of it. */
static void run_batch(struct chaos *chaos)
{
    virtqueue_kick(&chaos->gpu.control);
    for (uint32_t i = 0; i < chaos->used; i++) {
        uint16_t head;
        if (!virtqueue_wait(&chaos->gpu.control, &head, NULL, ANSWER_MS))
            report_fatal("chaos: %u of %u commands got no answer", chaos->used - i, chaos->used);
        check_answer(chaos, head);
    }
    chaos->used = 0;
}

static void put_create(struct chaos *chaos, uint32_t id, uint32_t format, uint32_t width, uint32_t height)
{
    struct virtio_gpu_resource_create_2d create = {
        {.type = VIRTIO_GPU_CMD_RESOURCE_CREATE_2D}, id, format, width, height};
    put(chaos, &create, sizeof create, VIRTIO_GPU_RESP_OK_NODATA);
}

static void put_attach(struct chaos *chaos, uint32_t id, const uint8_t *memory, uint32_t length)
{
    struct {
        struct virtio_gpu_resource_attach_backing command;
        struct virtio_gpu_mem_entry entry;
    } attach = {{{.type = VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING}, id, 1}, {(uint64_t)memory, length, 0}};
    put(chaos, &attach, sizeof attach, VIRTIO_GPU_RESP_OK_NODATA);
}

static void put_transfer(struct chaos *chaos, uint32_t id, struct virtio_gpu_rect r)
{
    struct virtio_gpu_transfer_to_host_2d transfer = {
        {.type = VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D}, r, 0, id, 0};
    put(chaos, &transfer, sizeof transfer, VIRTIO_GPU_RESP_OK_NODATA);
}

static void put_flush(struct chaos *chaos, uint32_t id, struct virtio_gpu_rect r)
{
    struct virtio_gpu_resource_flush flush = {{.type = VIRTIO_GPU_CMD_RESOURCE_FLUSH}, r, id, 0};
    put(chaos, &flush, sizeof flush, VIRTIO_GPU_RESP_OK_NODATA);
}

static void put_scanout(struct chaos *chaos, const struct surface *surface)
{
    struct virtio_gpu_set_scanout set = {
        {.type = VIRTIO_GPU_CMD_SET_SCANOUT}, whole(surface), 0, surface->id};
    put(chaos, &set, sizeof set, VIRTIO_GPU_RESP_OK_NODATA);
    put_flush(chaos, surface->id, whole(surface));
}

static void put_unref(struct chaos *chaos, uint32_t id)
{
    struct virtio_gpu_resource_command unref = {{.type = VIRTIO_GPU_CMD_RESOURCE_UNREF}, id, 0};
    put(chaos, &unref, sizeof unref, VIRTIO_GPU_RESP_OK_NODATA);
}

/* A resource that lives for one batch only. */
static void put_temporary(struct chaos *chaos, const struct surface *source)
{
    put_create(chaos, TEMPORARY_ID, source->format, source->canvas.width, source->canvas.height);
    put_attach(chaos, TEMPORARY_ID, source->memory, bytes_of(source));
    put_transfer(chaos, TEMPORARY_ID, whole(source));
    put_unref(chaos, TEMPORARY_ID);
}

static void draw(struct surface *surface, uint32_t pattern)
{
    canvas_draw(&surface->canvas, pattern, whole(surface));
    canvas_encode(&surface->canvas, surface->format, whole(surface), surface->memory);
}

static void put_update(struct chaos *chaos, struct surface *surface)
{
    put_transfer(chaos, surface->id, whole(surface));
    put_flush(chaos, surface->id, whole(surface));
}

static void prepare(struct chaos *chaos)
{
    static const uint32_t formats[SURFACES] = {
        VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM,
        VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM, VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM};
    for (uint32_t i = 0; i < SLOTS; i++) {
        chaos->slots[i].request = memory_allocate(SLOT_BYTES, 16);
        chaos->slots[i].response = memory_allocate(SLOT_BYTES, 16);
        chaos->slots[i].table = memory_allocate(sizeof(struct virtq_desc) * 2, 16);
    }
    for (uint32_t i = 0; i < SURFACES; i++) {
        struct surface *surface = &chaos->surfaces[i];
        surface->id = i + 1;
        surface->format = formats[i];
        surface->canvas = i == SCREEN ? canvas_create(320, 240) : canvas_create(64 + 16 * i, 48 + 8 * i);
        surface->memory = memory_allocate(bytes_of(surface), PAGE_SIZE);
        draw(surface, i);
        put_create(chaos, surface->id, surface->format, surface->canvas.width, surface->canvas.height);
        put_attach(chaos, surface->id, surface->memory, bytes_of(surface));
        put_update(chaos, surface);
        run_batch(chaos);
    }
    put_scanout(chaos, &chaos->surfaces[SCREEN]);
    run_batch(chaos);
}

static void step(struct chaos *chaos, uint32_t round)
{
    struct surface *screen = &chaos->surfaces[SCREEN];
    struct surface *other = &chaos->surfaces[1 + random_below(&chaos->random, SURFACES - 1)];
    draw(screen, round % PATTERNS);
    put_update(chaos, screen);
    if (random_chance(&chaos->random, 50)) {
        draw(other, random_below(&chaos->random, PATTERNS));
        put_update(chaos, other);
    }
    if (random_chance(&chaos->random, 30))
        put_temporary(chaos, other);
    if (random_chance(&chaos->random, 10))
        put_scanout(chaos, screen);
    run_batch(chaos);
    delay_us(random_below(&chaos->random, 4000));
}

static void verify(struct chaos *chaos)
{
    for (uint32_t i = 0; i < SURFACES; i++) {
        put_scanout(chaos, &chaos->surfaces[i]);
        run_batch(chaos);
        picture_show("chaos", 0, &chaos->surfaces[i].canvas, whole(&chaos->surfaces[i]));
    }
    put_scanout(chaos, &chaos->surfaces[SCREEN]);
    run_batch(chaos);
    report_event("chaos verified commands=%lu answers=%lu", chaos->commands, chaos->answers);
}

void test_chaos(void)
{
    static struct chaos chaos;
    char byte = 0;
    if (!gpu_open(&chaos.gpu, VIRTIO_GPU_F_EDID | VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX))
        return;
    chaos.random = random_seeded(1);
    prepare(&chaos);
    report_event("chaos running");
    for (uint32_t round = 0; byte != 'q'; round++) {
        step(&chaos, round);
        if (!serial_read(&byte))
            byte = 0;
        if (byte == 'v')
            verify(&chaos);
    }
    delay_us(LATE_ANSWER_US);
    check(chaos.gpu.control.used->idx == chaos.gpu.control.used_next, "used ring expected at %u got %u",
          chaos.gpu.control.used_next, chaos.gpu.control.used->idx);
    check(chaos.answers == chaos.commands, "answers expected %lu got %lu", chaos.commands, chaos.answers);
    gpu_close(&chaos.gpu);
    report_end("commands=%lu answers=%lu", chaos.commands, chaos.answers);
}
