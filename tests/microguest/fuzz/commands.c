/*
 * Rounds of commands in well-formed rings: whatever a command says, it must be answered, within the buffers
 * given for the answer, and with its fence.
 */
#include "core/instructions.h"
#include "core/memory.h"
#include "core/report.h"
#include "core/tsc.h"
#include "fuzz/fuzz.h"

#define SLOTS          16
#define REQUEST_BYTES  256
#define RESPONSE_BYTES 2048
#define CANARY_BYTES   64
#define CANARY         0xc5
#define MOST_PIECES    6
#define ANSWER_MS      10000
#define QEMU_ANSWER_MS 5

struct slot {
    uint8_t request[REQUEST_BYTES];
    uint8_t response[RESPONSE_BYTES + CANARY_BYTES];
    struct virtq_desc table[2 * MOST_PIECES];
    uint32_t request_length, writable;
    uint16_t head;
    bool busy;
    struct virtio_gpu_ctrl_hdr sent;
};

static struct slot slots[SLOTS] __attribute__((aligned(16)));

/* Cuts a range into up to MOST_PIECES non-empty pieces. */
static uint16_t cut(struct random *r, uint64_t address, uint32_t length, struct virtq_buffer *pieces)
{
    uint16_t count = 0;
    while (length) {
        uint32_t part =
            count == MOST_PIECES - 1 || random_chance(r, 60) ? length : 1 + random_below(r, length);
        pieces[count++] = (struct virtq_buffer){address, part};
        address += part;
        length -= part;
    }
    return count;
}

static uint32_t response_room(struct random *r)
{
    return random_chance(r, 80) ? RESPONSE_BYTES : random_below(r, 64);
}

static bool submit(struct fuzz *fuzz, struct slot *slot, struct virtqueue *queue)
{
    struct virtq_buffer pieces[2 * MOST_PIECES];
    bool indirect = (fuzz->gpu.device.features & VIRTIO_F_INDIRECT_DESC) && random_chance(&fuzz->random, 60);
    slot->request_length = fuzz_make_command(fuzz, slot->request, REQUEST_BYTES);
    slot->sent = *(struct virtio_gpu_ctrl_hdr *)slot->request;
    slot->writable = response_room(&fuzz->random);
    memset(slot->response, 0, RESPONSE_BYTES);
    memset(slot->response + slot->writable, CANARY, CANARY_BYTES);
    uint16_t readable = cut(&fuzz->random, (uint64_t)slot->request, slot->request_length, pieces);
    uint16_t writable = cut(&fuzz->random, (uint64_t)slot->response, slot->writable, pieces + readable);
    slot->head = virtqueue_add(queue, pieces, readable, writable, indirect ? slot->table : NULL);
    slot->busy = slot->head != VIRTQUEUE_FULL;
    return slot->busy;
}

static bool is_response(uint32_t type)
{
    return (type >= VIRTIO_GPU_RESP_OK_NODATA && type <= VIRTIO_GPU_RESP_OK_MAP_INFO) ||
           (type >= VIRTIO_GPU_RESP_ERR_UNSPEC && type <= VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
}

static void check_answer(struct fuzz *fuzz, struct slot *slot, uint32_t length, bool control)
{
    const struct virtio_gpu_ctrl_hdr *answer = (const struct virtio_gpu_ctrl_hdr *)slot->response;
    bool intact = true;
    for (uint32_t i = 0; i < CANARY_BYTES; i++)
        intact &= slot->response[slot->writable + i] == CANARY;
    check(intact, "command %x: memory behind %u response bytes expected untouched (operation %lu)",
          slot->sent.type, slot->writable, fuzz->operations);
    if (fuzz->is_qemu)
        return;
    check(length <= slot->writable, "command %x: used length expected <=%u got %u", slot->sent.type,
          slot->writable, length);
    if (!control || slot->writable < sizeof *answer)
        return;
    check(length >= sizeof *answer && is_response(answer->type),
          "command %x (%u bytes): expected a response got type %x length %u", slot->sent.type,
          slot->request_length, answer->type, length);
    if (slot->request_length >= sizeof *answer && (slot->sent.flags & VIRTIO_GPU_FLAG_FENCE))
        check((answer->flags & VIRTIO_GPU_FLAG_FENCE) && answer->fence_id == slot->sent.fence_id,
              "command %x: fence expected %lx got flags %x id %lx", slot->sent.type, slot->sent.fence_id,
              answer->flags, answer->fence_id);
}

/* The guest changes a request while the device may be reading it; what that makes of it is anyone's guess. */
static void change_in_flight(struct fuzz *fuzz)
{
    struct slot *slot = &slots[random_below(&fuzz->random, SLOTS)];
    uint32_t *word = (uint32_t *)slot->request + random_below(&fuzz->random, 6);
    *(volatile uint32_t *)word = random_awkward(&fuzz->random);
}

static struct slot *slot_of(uint16_t head)
{
    for (uint32_t i = 0; i < SLOTS; i++)
        if (slots[i].busy && slots[i].head == head)
            return &slots[i];
    return NULL;
}

bool fuzz_commands(struct fuzz *fuzz)
{
    bool control = random_chance(&fuzz->random, 90);
    struct virtqueue *queue = control ? &fuzz->gpu.control : &fuzz->gpu.cursor;
    bool changing = !fuzz->with_virgl && !fuzz->is_qemu && random_chance(&fuzz->random, 5);
    uint32_t in_flight = 0;
    for (uint32_t i = 0; i < SLOTS; i++) {
        slots[i].busy = false;
        in_flight += submit(fuzz, &slots[i], queue);
        if (random_chance(&fuzz->random, 20))
            virtqueue_kick(queue);
    }
    virtqueue_kick(queue);
    fuzz->operations += in_flight;
    if (changing)
        for (int i = 0; i < 64; i++)
            change_in_flight(fuzz);

    uint64_t deadline = deadline_ms(fuzz->is_qemu ? QEMU_ANSWER_MS : ANSWER_MS);
    while (in_flight && !deadline_passed(deadline)) {
        uint16_t head;
        uint32_t length;
        if (!virtqueue_pop(queue, &head, &length)) {
            cpu_pause();
            continue;
        }
        struct slot *slot = slot_of(head);
        if (!check(slot != NULL, "used id %u expected one in flight (operation %lu)", head, fuzz->operations))
            return fuzz_recover(fuzz, &fuzz->targets[0]);
        if (!changing)
            check_answer(fuzz, slot, length, control);
        slot->busy = false;
        in_flight--;
        fuzz->answered++;
    }
    if (in_flight == 0)
        return true;
    fuzz->unanswered += in_flight;
    for (uint32_t i = 0; i < SLOTS && !fuzz->is_qemu; i++)
        check(!slots[i].busy, "command %x of %u bytes expected an answer got silence (operation %lu)",
              slots[i].sent.type, slots[i].request_length, fuzz->operations);
    return fuzz_recover(fuzz, &fuzz->targets[0]);
}
