#include "session.h"

#include "virtgpu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE_SIZE  0x4000
#define RINGS      64
#define PATIENCE_S 30

void fail(const char *what, ...)
{
    va_list arguments;
    va_start(arguments, what);
    printf("nativeguest: ");
    vprintf(what, arguments);
    printf("\n");
    va_end(arguments);
    exit(1);
}

static void control(struct session *session, unsigned long number, void *argument, const char *name)
{
    int result;
    do
        result = ioctl(session->file, number, argument);
    while (result < 0 && (errno == EINTR || errno == EAGAIN));
    if (result < 0)
        fail("%s: %s", name, strerror(errno));
}

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec;
}

static void need_param(struct session *session, uint64_t param)
{
    int value = 0;
    struct drm_virtgpu_getparam request = {param, (uintptr_t)&value};
    control(session, DRM_IOCTL_VIRTGPU_GETPARAM, &request, "GETPARAM");
    if (!value)
        fail("parameter %lu of virtio-gpu is 0", (unsigned long)param);
}

void session_open(struct session *session, uint32_t context_type)
{
    memset(session, 0, sizeof *session);
    session->file = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC);
    if (session->file < 0)
        fail("/dev/dri/renderD128: %s", strerror(errno));
    need_param(session, VIRTGPU_PARAM_RESOURCE_BLOB);
    need_param(session, VIRTGPU_PARAM_HOST_VISIBLE);
    need_param(session, VIRTGPU_PARAM_CONTEXT_INIT);

    uint32_t capset[6] = {0};
    struct drm_virtgpu_get_caps caps = {VIRTIO_GPU_CAPSET_DRM, 0, (uintptr_t)capset, sizeof capset, 0};
    control(session, DRM_IOCTL_VIRTGPU_GET_CAPS, &caps, "GET_CAPS");
    if (capset[4] != context_type)
        fail("the host's context type is %u, not %u", capset[4], context_type);

    struct drm_virtgpu_context_set_param params[] = {
        {VIRTGPU_CONTEXT_PARAM_CAPSET_ID, VIRTIO_GPU_CAPSET_DRM},
        {VIRTGPU_CONTEXT_PARAM_NUM_RINGS, RINGS},
        {VIRTGPU_CONTEXT_PARAM_POLL_RINGS_MASK, 0},
    };
    struct drm_virtgpu_context_init init = {3, 0, (uintptr_t)params};
    control(session, DRM_IOCTL_VIRTGPU_CONTEXT_INIT, &init, "CONTEXT_INIT");

    struct drm_virtgpu_resource_create_blob blob = {
        .blob_mem = VIRTGPU_BLOB_MEM_HOST3D,
        .blob_flags = VIRTGPU_BLOB_FLAG_USE_MAPPABLE,
        .size = PAGE_SIZE,
    };
    control(session, DRM_IOCTL_VIRTGPU_RESOURCE_CREATE_BLOB, &blob, "RESOURCE_CREATE_BLOB of the page");
    session->page_handle = blob.bo_handle;
    session->page = session_map(session, (struct object){blob.bo_handle, blob.res_handle, PAGE_SIZE});
    session->answers = ((volatile uint32_t *)session->page)[1];
    if (session->answers < 8 || session->answers > PAGE_SIZE / 2)
        fail("answers begin at %u", session->answers);
}

void session_close(struct session *session)
{
    session_flush(session);
    munmap(session->page, PAGE_SIZE);
    session_destroy(session, (struct object){session->page_handle, 0, PAGE_SIZE});
    close(session->file);
}

void *session_answer(struct session *session, struct request *request, uint32_t size)
{
    size = (size + 7) & ~7u;
    if (session->next_answer + size > PAGE_SIZE - session->answers)
        session->next_answer = 0;
    request->rsp_off = session->next_answer;
    session->next_answer += size;
    uint32_t *answer = (uint32_t *)(session->page + session->answers + request->rsp_off);
    *answer = size;
    return answer;
}

static void number(struct session *session, struct request *request)
{
    request->len = (request->len + 3) & ~3u;
    request->seqno = ++session->seqno;
}

void session_flush(struct session *session)
{
    if (!session->used)
        return;
    struct drm_virtgpu_execbuffer execute = {
        .flags = VIRTGPU_EXECBUF_RING_IDX,
        .size = session->used,
        .command = (uintptr_t)session->stream,
    };
    control(session, DRM_IOCTL_VIRTGPU_EXECBUFFER, &execute, "EXECBUFFER");
    session->used = 0;
}

static void await(struct session *session, uint32_t seqno)
{
    volatile uint32_t *done = (volatile uint32_t *)session->page;
    uint64_t end = now() + PATIENCE_S;
    while ((int32_t)(*done - seqno) < 0) {
        sched_yield();
        if (now() > end)
            fail("command %u was never carried out, only %u", seqno, *done);
    }
}

void session_send(struct session *session, struct request *request, bool sync)
{
    uint32_t given = request->len;
    number(session, request);
    if (session->used + request->len > sizeof session->stream)
        session_flush(session);
    memset(session->stream + session->used, 0, request->len);
    memcpy(session->stream + session->used, request, given);
    session->used += request->len;
    if (sync) {
        session_flush(session);
        await(session, request->seqno);
    }
}

void session_ask(struct session *session, struct request *request, void *answer, uint32_t size, size_t ret_at)
{
    void *at = session_answer(session, request, size);
    session_send(session, request, true);
    memcpy(answer, at, size);
    int32_t ret;
    memcpy(&ret, (uint8_t *)answer + ret_at, sizeof ret);
    if (ret)
        fail("command %u was answered with %d", request->cmd, ret);
}

void session_ioctl(struct session *session, uint32_t cmd, uint32_t number, void *argument, uint32_t size,
                   bool answers)
{
    struct {
        struct request header;
        uint32_t number;
        uint8_t argument[24];
    } request = {.header = {.cmd = cmd, .len = sizeof request.header + sizeof request.number + size},
                 .number = number};
    struct {
        struct response header;
        uint8_t argument[24];
    } answer;
    memcpy(request.argument, argument, size);
    session_ask(session, &request.header, &answer, sizeof answer.header + (answers ? size : 0),
                offsetof(struct response, ret));
    if (answers)
        memcpy(argument, answer.argument, size);
}

struct object session_create(struct session *session, struct request *request, uint64_t blob_id,
                             uint64_t size)
{
    session_flush(session);
    number(session, request);
    struct drm_virtgpu_resource_create_blob blob = {
        .blob_mem = VIRTGPU_BLOB_MEM_HOST3D,
        .blob_flags = VIRTGPU_BLOB_FLAG_USE_MAPPABLE | VIRTGPU_BLOB_FLAG_USE_SHAREABLE,
        .size = size,
        .cmd_size = request->len,
        .cmd = (uintptr_t)request,
        .blob_id = blob_id,
    };
    control(session, DRM_IOCTL_VIRTGPU_RESOURCE_CREATE_BLOB, &blob, "RESOURCE_CREATE_BLOB");
    return (struct object){blob.bo_handle, blob.res_handle, size};
}

struct object session_import(struct session *session, int buffer, uint64_t size)
{
    struct drm_prime_handle prime = {.fd = buffer};
    control(session, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime, "PRIME_FD_TO_HANDLE");
    close(buffer);
    struct drm_virtgpu_resource_info info = {.bo_handle = prime.handle};
    control(session, DRM_IOCTL_VIRTGPU_RESOURCE_INFO, &info, "RESOURCE_INFO");
    return (struct object){prime.handle, info.res_handle, size};
}

int session_export(struct session *session, struct object object)
{
    struct drm_prime_handle prime = {object.handle, O_CLOEXEC | O_RDWR, -1};
    control(session, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime, "PRIME_HANDLE_TO_FD");
    return prime.fd;
}

void *session_map(struct session *session, struct object object)
{
    struct drm_virtgpu_map map = {.handle = object.handle};
    control(session, DRM_IOCTL_VIRTGPU_MAP, &map, "MAP");
    void *memory =
        mmap(NULL, object.size, PROT_READ | PROT_WRITE, MAP_SHARED, session->file, (off_t)map.offset);
    if (memory == MAP_FAILED)
        fail("mmap of object %u: %s", object.resource, strerror(errno));
    return memory;
}

void session_wait(struct session *session, struct object object)
{
    struct drm_virtgpu_3d_wait wait = {object.handle, 0};
    control(session, DRM_IOCTL_VIRTGPU_WAIT, &wait, "WAIT");
}

void session_destroy(struct session *session, struct object object)
{
    struct drm_gem_close closing = {object.handle, 0};
    control(session, DRM_IOCTL_GEM_CLOSE, &closing, "GEM_CLOSE");
}

int session_submit(struct session *session, struct request *request, uint32_t ring, int fence)
{
    session_flush(session);
    number(session, request);
    struct drm_virtgpu_execbuffer execute = {
        .flags = VIRTGPU_EXECBUF_RING_IDX | VIRTGPU_EXECBUF_FENCE_FD_OUT |
                 (fence >= 0 ? VIRTGPU_EXECBUF_FENCE_FD_IN : 0),
        .size = request->len,
        .command = (uintptr_t)request,
        .fence_fd = fence,
        .ring_idx = ring,
    };
    control(session, DRM_IOCTL_VIRTGPU_EXECBUFFER, &execute, "EXECBUFFER with fences");
    if (fence >= 0)
        close(fence);
    return execute.fence_fd;
}
