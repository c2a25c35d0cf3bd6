/* amdgpu_virtio_proto.h and drm/amdgpu_drm.h. */
#include "driver.h"

#include <string.h>

enum {
    QUERY_INFO = 1,
    GEM_NEW,
    BO_VA_OP,
    CS_SUBMIT,
    SET_METADATA,
    BO_QUERY_INFO,
    CREATE_CTX,
    RESERVE_VMID,
    SET_PSTATE,
    QUERY_FENCE_STATUS
};

#define INFO_DEV_INFO      0x16
#define CHUNK_IB           1
#define CHUNK_DEPENDENCIES 3
#define CHUNK_BO_HANDLES   6
#define VA_OP_MAP          1
#define VA_OP_UNMAP        2
#define DOMAIN_VRAM        4
#define ADDRESS            0x800000

struct word_answer {
    struct response header;
    uint32_t value, pad;
};

static void begin(struct device *device)
{
    struct {
        struct request header;
        uint64_t pointer;
        uint32_t size, query, words[4];
    } info = {{.cmd = QUERY_INFO, .len = sizeof info}, 0, 448, INFO_DEV_INFO, {0}};
    struct {
        struct response header;
        uint32_t device;
        uint8_t rest[444];
    } answer;
    session_ask(&device->session, &info.header, &answer, sizeof answer, offsetof(struct response, ret));
    if (answer.device != 0x731f)
        fail("the GPU is %x", answer.device);
    /* How much memory of the GPU's own there is stands in the page. */
    uint64_t heap;
    memcpy(&heap, device->session.page + 40, sizeof heap);
    if (!heap)
        fail("the GPU has no memory");

    struct {
        struct request header;
        int32_t priority;
        uint32_t flags;
    } context = {{.cmd = CREATE_CTX, .len = sizeof context}, 0, 0};
    struct word_answer made;
    session_ask(&device->session, &context.header, &made, sizeof made, offsetof(struct response, ret));
    device->space = made.value;
    memset(device->fences, 0, sizeof device->fences);
}

static void place(struct device *device, struct object object, uint64_t address, uint32_t operation)
{
    struct {
        struct request header;
        uint64_t address, size, flags, flags2, offset;
        uint32_t resource, operation;
    } request = {
        {.cmd = BO_VA_OP, .len = sizeof request}, address, object.size, 6, 0, 0, object.resource, operation};
    session_answer(&device->session, &request.header, sizeof(struct response));
    session_send(&device->session, &request.header, false);
}

static struct object create(struct device *device)
{
    struct {
        struct request header;
        uint64_t blob, size, alignment;
        uint32_t heap, pad;
        uint64_t flags;
    } request = {
        {.cmd = GEM_NEW, .len = sizeof request}, ++device->blobs, OBJECT_SIZE, 4096, DOMAIN_VRAM, 0, 1};
    struct object object = session_create(&device->session, &request.header, request.blob, OBJECT_SIZE);
    place(device, object, ADDRESS + (request.blob & 0xff) * OBJECT_SIZE, VA_OP_MAP);
    return object;
}

static void take(struct device *device, struct object object)
{
    place(device, object, ADDRESS << 8, VA_OP_MAP);
    place(device, object, ADDRESS << 8, VA_OP_UNMAP);
    place(device, object, ADDRESS << 8, VA_OP_MAP);
}

static int submit(struct device *device, struct object object, int ring, int fence)
{
    struct {
        struct request header;
        uint32_t context, chunks, pad, ring;
        struct {
            uint16_t kind, length;
            uint32_t offset;
        } descriptors[3];
        uint32_t object, priority;
        struct {
            uint32_t pad, flags;
            uint64_t address;
            uint32_t bytes, ip, instance, ring;
        } commands;
        struct {
            uint32_t ip, instance, ring, context;
            uint64_t number;
        } dependency;
    } request = {
        .header = {.cmd = CS_SUBMIT, .len = sizeof request},
        .context = device->space,
        .chunks = 3,
        .ring = (uint32_t)ring + 1,
        .descriptors = {{CHUNK_BO_HANDLES, 2, 0}, {CHUNK_IB, 8, 8}, {CHUNK_DEPENDENCIES, 6, 40}},
        .object = object.resource,
        .commands = {.address = ADDRESS, .bytes = 64, .ip = (uint32_t)ring},
        .dependency = {.ip = (uint32_t)ring, .context = device->space, .number = device->fences[ring]++},
    };
    session_answer(&device->session, &request.header, sizeof(struct response));
    return session_submit(&device->session, &request.header, (uint32_t)ring + 1, fence);
}

static void query(struct device *device, struct object object, int ring)
{
    struct {
        struct request header;
        uint32_t context, ip, instance, ring;
        uint64_t fence, timeout, flags;
    } status = {{.cmd = QUERY_FENCE_STATUS, .len = sizeof status},
                device->space,
                (uint32_t)ring,
                0,
                0,
                device->fences[ring],
                0,
                0};
    struct word_answer expired;
    session_ask(&device->session, &status.header, &expired, sizeof expired, offsetof(struct response, ret));
    if (!expired.value)
        fail("a submission with a signalled fence is not complete");
    struct {
        struct request header;
        uint32_t resource, pad;
    } info = {{.cmd = BO_QUERY_INFO, .len = sizeof info}, object.resource, 0};
    struct {
        struct response header;
        uint64_t size;
        uint8_t rest[304];
    } answer;
    session_ask(&device->session, &info.header, &answer, sizeof answer, offsetof(struct response, ret));
    if (answer.size != object.size)
        fail("an object has %lu bytes", (unsigned long)answer.size);
}

static void end(struct device *device)
{
    struct {
        struct request header;
        uint32_t id, flags;
    } context = {{.cmd = CREATE_CTX, .len = sizeof context}, device->space, 1};
    struct word_answer answer;
    session_ask(&device->session, &context.header, &answer, sizeof answer, offsetof(struct response, ret));
}

const struct driver amdgpu_driver = {"amdgpu", 2, 88, 8, begin, create, take, submit, query, end};
