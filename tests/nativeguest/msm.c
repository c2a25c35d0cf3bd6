/* msm_proto.h and drm/msm_drm.h. */
#include "driver.h"

enum {
    NOP = 1,
    IOCTL_SIMPLE,
    GEM_NEW,
    GEM_SET_IOVA,
    GEM_CPU_PREP,
    GEM_SET_NAME,
    GEM_SUBMIT,
    GEM_UPLOAD,
    SUBMITQUEUE_QUERY,
    WAIT_FENCE
};

#define GET_PARAM         0xc0186440
#define SUBMITQUEUE_NEW   0xc00c644a
#define SUBMITQUEUE_CLOSE 0x4004644b
#define PIPE_3D0          0x10
#define ADDRESS           0x100000000

static void simple(struct device *device, uint32_t number, void *argument, uint32_t size, bool answers)
{
    session_ioctl(&device->session, IOCTL_SIMPLE, number, argument, size, answers);
}

static void begin(struct device *device)
{
    struct {
        uint32_t pipe, param;
        uint64_t value;
        uint32_t length, pad;
    } param = {PIPE_3D0, 1, 0, 0, 0};
    simple(device, GET_PARAM, &param, sizeof param, true);
    if (param.value != 630)
        fail("the GPU is Adreno %lu", (unsigned long)param.value);
    for (uint32_t i = 0; i < RINGS_USED; i++) {
        uint32_t queue[3] = {0, i, 0};
        simple(device, SUBMITQUEUE_NEW, queue, sizeof queue, true);
        device->queues[i] = queue[2];
        device->fences[i] = 0;
    }
}

static struct object create(struct device *device)
{
    struct {
        struct request header;
        uint64_t address, size;
        uint32_t flags, blob;
    } request = {{.cmd = GEM_NEW, .len = sizeof request}, 0, OBJECT_SIZE, 0x20000, ++device->blobs};
    request.address = ADDRESS + (uint64_t)(request.blob & 0xff) * OBJECT_SIZE;
    return session_create(&device->session, &request.header, request.blob, OBJECT_SIZE);
}

static void take(struct device *device, struct object object)
{
    struct {
        struct request header;
        uint64_t address;
        uint32_t resource, pad;
    } place = {{.cmd = GEM_SET_IOVA, .len = sizeof place}, ADDRESS << 1, object.resource, 0};
    session_send(&device->session, &place.header, false);
}

static int submit(struct device *device, struct object object, int ring, int fence)
{
    struct {
        struct request header;
        uint32_t flags, queue, objects, commands, fence;
        struct {
            uint32_t flags, handle;
            uint64_t presumed;
        } __attribute__((packed)) object;
        struct {
            uint32_t type, object, offset, size, pad, relocations;
            uint64_t pointer;
        } __attribute__((packed)) command;
    } __attribute__((packed, aligned(4))) request = {
        .header = {.cmd = GEM_SUBMIT, .len = sizeof request},
        .flags = PIPE_3D0,
        .queue = device->queues[ring],
        .objects = 1,
        .commands = 1,
        .fence = ++device->fences[ring],
        .object = {3, object.resource, 0},
        .command = {.type = 1, .size = 64},
    };
    return session_submit(&device->session, &request.header, (uint32_t)ring + 1, fence);
}

static void query(struct device *device, struct object object, int ring)
{
    struct {
        struct request header;
        uint32_t resource, operation;
    } prepare = {{.cmd = GEM_CPU_PREP, .len = sizeof prepare}, object.resource, 1};
    struct {
        struct request header;
        uint32_t queue, fence;
    } wait = {{.cmd = WAIT_FENCE, .len = sizeof wait}, device->queues[ring], device->fences[ring]};
    struct response answer;
    session_ask(&device->session, &prepare.header, &answer, sizeof answer, offsetof(struct response, ret));
    session_ask(&device->session, &wait.header, &answer, sizeof answer, offsetof(struct response, ret));
}

static void end(struct device *device)
{
    for (int i = 0; i < RINGS_USED; i++)
        simple(device, SUBMITQUEUE_CLOSE, &device->queues[i], sizeof device->queues[i], false);
}

const struct driver msm_driver = {"msm", 1, 16, 8, begin, create, take, submit, query, end};
