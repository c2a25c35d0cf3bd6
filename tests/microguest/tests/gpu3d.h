/* The parts of the gpu3d test. */
#ifndef MICROGUEST_TESTS_GPU3D_H
#define MICROGUEST_TESTS_GPU3D_H

#include "gpu/commands.h"
#include "gpu/virgl_stream.h"
#include "tests/gpu2d.h"

#define GPU3D_WIDTH   64u
#define GPU3D_HEIGHT  32u
#define GPU3D_BYTES   (GPU3D_WIDTH * GPU3D_HEIGHT * 4)
#define GPU3D_CONTEXT 1u

/* A B8G8R8A8 texture with backing, attached to a context. */
struct texture {
    uint32_t resource;
    uint32_t *pixels;
};

bool texture_create(struct gpu *gpu, struct texture *texture, uint32_t context, uint32_t resource);
void texture_destroy(struct gpu *gpu, struct texture *texture, uint32_t context);
/* Fills the backing with rubbish, then reads the texture back into it. */
bool texture_read_back(struct gpu *gpu, struct texture *texture, uint32_t context);
/* Compares a rectangle of the backing with one colour (B8G8R8A8), each channel within one. */
void texture_check(const struct texture *texture, struct virtio_gpu_rect r, uint32_t expected,
                   const char *what);

bool gpu3d_context_create(struct gpu *gpu, uint32_t context);
void gpu3d_check_capsets(struct gpu *gpu);
void gpu3d_check_clear(struct gpu *gpu);
void gpu3d_check_transfers(struct gpu *gpu);
void gpu3d_check_draw(struct gpu *gpu);
void gpu3d_check_fences(struct gpu *gpu);
void gpu3d_check_errors(struct gpu *gpu);

#endif
