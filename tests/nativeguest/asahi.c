/* asahi_proto.h and drm/asahi_drm.h. */
#include "driver.h"

enum { NOP = 1, IOCTL_SIMPLE, GET_PARAMS, GEM_NEW, VM_BIND, SUBMIT };

#define VM_CREATE     0xc0186442
#define VM_DESTROY    0x40086443
#define QUEUE_CREATE  0xc0186448
#define QUEUE_DESTROY 0x40086449
#define ADDRESS       0x1000000000

static void simple(struct device *device, uint32_t number, void *argument, uint32_t size, bool answers)
{
    session_ioctl(&device->session, IOCTL_SIMPLE, number, argument, size, answers);
}

static void begin(struct device *device)
{
    struct {
        struct request header;
        uint32_t group, pad;
        uint64_t pointer, size;
    } params = {{.cmd = GET_PARAMS, .len = sizeof params}, 0, 0, 0, 592};
    struct {
        struct response header;
        uint64_t features;
        uint32_t generation;
        uint8_t rest[580];
    } answer;
    session_ask(&device->session, &params.header, &answer, sizeof answer.header + 592,
                offsetof(struct response, ret));
    if (answer.generation != 13)
        fail("the GPU is of generation %u", answer.generation);

    struct {
        uint64_t start, end;
        uint32_t id, pad;
    } space = {(1ull << 39) - 0x20000000, 1ull << 39, 0, 0};
    simple(device, VM_CREATE, &space, sizeof space, true);
    device->space = space.id;
    for (uint32_t i = 0; i < RINGS_USED; i++) {
        struct {
            uint32_t flags, space, priority, id;
            uint64_t base;
        } queue = {0, space.id, i, 0, 0};
        simple(device, QUEUE_CREATE, &queue, sizeof queue, true);
        device->queues[i] = queue.id;
    }
}

static struct object create(struct device *device)
{
    struct {
        struct request header;
        uint32_t flags, bind_flags, space, blob;
        uint64_t size, address;
    } request = {
        {.cmd = GEM_NEW, .len = sizeof request}, 1, 6, device->space, ++device->blobs, OBJECT_SIZE, 0};
    request.address = ADDRESS + (uint64_t)(request.blob & 0xff) * OBJECT_SIZE;
    return session_create(&device->session, &request.header, request.blob, OBJECT_SIZE);
}

static void take(struct device *device, struct object object)
{
    struct {
        struct request header;
        uint32_t space, stride, count, flags, resource;
        uint64_t offset, range, address;
    } __attribute__((packed, aligned(4))) bind = {{.cmd = VM_BIND, .len = sizeof bind},
                                                  device->space,
                                                  32,
                                                  1,
                                                  2,
                                                  object.resource,
                                                  0,
                                                  object.size,
                                                  ADDRESS << 1};
    session_send(&device->session, &bind.header, false);
}

static int submit(struct device *device, struct object object, int ring, int fence)
{
    struct {
        struct request header;
        uint32_t flags, queue, size, resources;
        uint16_t kind, length, vertex_barrier, compute_barrier;
        uint8_t command[64];
        uint32_t resource, access;
    } request = {.header = {.cmd = SUBMIT, .len = sizeof request},
                 .queue = device->queues[ring],
                 .size = 72,
                 .resources = 1,
                 .kind = 1,
                 .length = 64,
                 .vertex_barrier = 0xffff,
                 .compute_barrier = 0xffff,
                 .resource = object.resource,
                 .access = 3};
    return session_submit(&device->session, &request.header, (uint32_t)ring + 1, fence);
}

static void query(struct device *device, struct object object, int ring)
{
    (void)object;
    (void)ring;
    struct request nop = {.cmd = NOP, .len = sizeof nop};
    session_send(&device->session, &nop, true);
}

static void end(struct device *device)
{
    for (int i = 0; i < RINGS_USED; i++) {
        uint32_t queue[2] = {device->queues[i], 0};
        simple(device, QUEUE_DESTROY, queue, sizeof queue, false);
    }
    uint32_t space[2] = {device->space, 0};
    simple(device, VM_DESTROY, space, sizeof space, false);
}

const struct driver asahi_driver = {"asahi", 4, 16, 8, begin, create, take, submit, query, end};
