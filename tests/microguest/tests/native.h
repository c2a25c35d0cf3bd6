/* A client of a DRM native context: the guest's half of the protocol of Qualcomm's GPUs (msm_proto.h). */
#ifndef MICROGUEST_TESTS_NATIVE_H
#define MICROGUEST_TESTS_NATIVE_H

#include "gpu/blob.h"
#include "gpu/pipeline.h"

struct native_client {
    struct blob_window *window;
    uint32_t context, page, queue;
    uint64_t offset; /* of the page in the window */
    uint32_t seqno;  /* of the last command that was made */
};

/* Makes a context, its page (also a resource of that number, at an offset of the window) and a queue in it.
 */
bool native_open(struct native_client *client, struct blob_window *window, uint32_t context, uint64_t offset);
/* Gives all of it back; of a context that is lost too. */
void native_close(struct native_client *client);

/*
 * Sends a stream with one submission to the GPU, with a fence on the queue's ring; or one that only the
 * host's processor has to do with. The answer comes through the pipeline.
 */
void native_submit(struct native_client *client, struct gpu_pipeline *pipeline, uint64_t fence);
void native_nop(struct native_client *client, struct gpu_pipeline *pipeline, uint64_t fence);

/* Whether the page says that the last command has been carried out, as Mesa's vdrm_host_sync compares. */
bool native_is_done(const struct native_client *client);
/* Waits for that. */
bool native_wait(const struct native_client *client, uint64_t milliseconds);

#endif
