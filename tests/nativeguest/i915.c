/* i915_proto.h and drm/i915_drm.h. */
#include "driver.h"

#include <string.h>

enum {
    IOCTL_SIMPLE = 1,
    GETPARAM,
    QUERYPARAM,
    GEM_CREATE,
    GEM_CREATE_EXT,
    GEM_CONTEXT_CREATE,
    GEM_EXECBUFFER2,
    GEM_SET_MMAP_MODE,
    GEM_BUSY
};

#define CONTEXT_CREATE   0xc008646d
#define CONTEXT_DESTROY  0x4008646e
#define PARAM_CHIPSET_ID 4
#define EXEC_HANDLE_LUT  (1 << 12)

struct word_answer {
    uint32_t length, pad;
    int32_t ret;
    uint32_t value;
};

static void simple(struct device *device, uint32_t number, uint32_t argument[2], bool answers)
{
    struct {
        struct request header;
        uint32_t number, pad, argument[2];
    } request = {{.cmd = IOCTL_SIMPLE, .len = sizeof request}, number, 0, {argument[0], argument[1]}};
    struct {
        struct response header;
        uint32_t argument[2];
    } answer;
    session_ask(&device->session, &request.header, &answer, sizeof answer.header + (answers ? 8 : 0),
                offsetof(struct response, ret));
    if (answers)
        memcpy(argument, answer.argument, 8);
}

static void begin(struct device *device)
{
    struct {
        struct request header;
        uint32_t param, value;
    } param = {{.cmd = GETPARAM, .len = sizeof param}, PARAM_CHIPSET_ID, 0};
    struct word_answer answer;
    session_ask(&device->session, &param.header, &answer, sizeof answer, offsetof(struct word_answer, ret));
    uint32_t context[2] = {0};
    simple(device, CONTEXT_CREATE, context, true);
    device->space = context[0];
}

static struct object create(struct device *device)
{
    struct {
        struct request header;
        uint64_t size;
        uint32_t blob, pad;
    } request = {{.cmd = GEM_CREATE, .len = sizeof request}, OBJECT_SIZE, ++device->blobs, 0};
    struct object object = session_create(&device->session, &request.header, request.blob, OBJECT_SIZE);
    struct {
        struct request header;
        uint32_t resource, mode;
    } mode = {{.cmd = GEM_SET_MMAP_MODE, .len = sizeof mode}, object.resource, 2};
    session_send(&device->session, &mode.header, true);
    return object;
}

static void take(struct device *device, struct object object)
{
    /* Addresses are given by submissions. */
    (void)device;
    (void)object;
}

static int submit(struct device *device, struct object object, int ring, int fence)
{
    struct {
        struct request header;
        uint64_t flags, context;
        uint32_t objects, start, length, relocations;
        struct {
            uint32_t handle, relocations;
            uint64_t pointer, alignment, offset, flags, pad, reserved;
        } object;
        struct {
            uint32_t target, delta;
            uint64_t offset, presumed;
            uint32_t read, write;
        } relocation;
    } request = {
        .header = {.cmd = GEM_EXECBUFFER2, .len = sizeof request},
        .flags = (uint32_t)ring | EXEC_HANDLE_LUT,
        .context = device->space,
        .objects = 1,
        .length = 64,
        .relocations = 1,
        .object = {.handle = object.resource, .relocations = 1},
        .relocation = {.offset = 8},
    };
    session_answer(&device->session, &request.header, sizeof(struct response));
    return session_submit(&device->session, &request.header, (uint32_t)ring + 1, fence);
}

static void query(struct device *device, struct object object, int ring)
{
    (void)ring;
    struct {
        struct request header;
        uint32_t resource, flags;
    } busy = {{.cmd = GEM_BUSY, .len = sizeof busy}, object.resource, 0};
    struct word_answer answer;
    session_ask(&device->session, &busy.header, &answer, sizeof answer, offsetof(struct word_answer, ret));
    if (answer.value)
        fail("an object is busy whose fence is signalled");
}

static void end(struct device *device)
{
    uint32_t context[2] = {device->space, 0};
    simple(device, CONTEXT_DESTROY, context, false);
}

const struct driver i915_driver = {"i915", 3, 16, 0, begin, create, take, submit, query, end};
