/* One open file of the GPU with a native context and its page: what Mesa calls a vdrm device. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct vdrm_ccmd_req and struct vdrm_ccmd_rsp (drm_hw.h of Mesa and virglrenderer). */
struct request {
    uint32_t cmd, len, seqno, rsp_off;
};

struct response {
    uint32_t len;
    int32_t ret;
};

struct session {
    int file;
    uint8_t *page;
    uint32_t page_handle, answers, next_answer, seqno, used;
    uint8_t stream[16384];
};

struct object {
    uint32_t handle, resource;
    uint64_t size;
};

/* Says what went wrong and ends the program with status 1. */
_Noreturn void fail(const char *what, ...) __attribute__((format(printf, 1, 2)));

void session_open(struct session *session, uint32_t context_type);
void session_close(struct session *session);

/* Room for the request's answer in the page; its place goes into the request. */
void *session_answer(struct session *session, struct request *request, uint32_t size);

/* Puts a request behind those that wait; with sync, sends all and waits until the host has carried them out.
 */
void session_send(struct session *session, struct request *request, bool sync);

/* Asks for something whose answer begins with struct response, or ends the program if the host refuses. */
void session_ask(struct session *session, struct request *request, void *answer, uint32_t size,
                 size_t ret_at);

/* Asks for an ioctl without pointers by the driver's command for those, of at most 24 bytes of argument. */
void session_ioctl(struct session *session, uint32_t cmd, uint32_t number, void *argument, uint32_t size,
                   bool answers);

void session_flush(struct session *session);

/* Makes an object: the command that makes it, then the blob of it. */
struct object session_create(struct session *session, struct request *request, uint64_t blob_id,
                             uint64_t size);
struct object session_import(struct session *session, int buffer, uint64_t size);
int session_export(struct session *session, struct object object);
void *session_map(struct session *session, struct object object);
void session_wait(struct session *session, struct object object);
void session_destroy(struct session *session, struct object object);

/* Submits to a ring, behind the fence if there is one (it is closed), and gives the fence of what was
 * submitted. */
int session_submit(struct session *session, struct request *request, uint32_t ring, int fence);
