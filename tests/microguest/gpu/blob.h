/* Blob resources and the host-visible window. */
#ifndef MICROGUEST_GPU_BLOB_H
#define MICROGUEST_GPU_BLOB_H

#include "gpu/commands.h"

/* What window->context is where the memory of blobs needs no context (vmm-core's own extension). */
#define BLOB_NO_CONTEXT 0

struct blob_window {
    struct gpu *gpu;
    uint8_t *memory; /* of size bytes */
    uint64_t size;
    uint32_t context;
};

/*
 * Opens a GPU with blobs and finds its window; with venus on the command line also makes a Venus context,
 * whose blob 0 is shared memory; with native it can have contexts, and the caller makes them. Reports a skip
 * and returns false where there is none.
 */
bool blob_window_open(struct blob_window *window, struct gpu *gpu);
void blob_window_close(struct blob_window *window);

/* Makes the Venus context, if there is to be one, after the device or its process has lost it. */
bool blob_context_open(struct blob_window *window);

/* Each returns the response's type. */
uint32_t blob_create(struct blob_window *window, uint32_t resource, uint64_t size);
uint32_t blob_create_of_guest(struct gpu *gpu, uint32_t resource, const void *memory, uint32_t size);
uint32_t blob_map(struct blob_window *window, uint32_t resource, uint64_t offset);
uint32_t blob_unmap(struct blob_window *window, uint32_t resource);
uint32_t blob_set_scanout(struct gpu *gpu, uint32_t resource, uint32_t width, uint32_t height);

/* A word of the window, read once. */
static inline uint64_t blob_word(const struct blob_window *window, uint64_t offset)
{
    return *(volatile uint64_t *)(window->memory + offset);
}

static inline void blob_put(const struct blob_window *window, uint64_t offset, uint64_t value)
{
    *(volatile uint64_t *)(window->memory + offset) = value;
}

#endif
