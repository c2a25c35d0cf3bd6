/* Building virgl command streams. */
#ifndef MICROGUEST_GPU_VIRGL_STREAM_H
#define MICROGUEST_GPU_VIRGL_STREAM_H

#include "gpu/virgl_protocol.h"

#define VIRGL_STREAM_DWORDS 1024

/* In guest memory, below 4 GiB; dwords past the capacity are dropped. */
struct virgl_stream {
    uint32_t *dwords;
    uint32_t count;
};

struct virgl_color {
    uint32_t r, g, b, a; /* bits of floats */
};

struct virgl_stream virgl_stream_create(void);
void virgl_put(struct virgl_stream *s, uint32_t dword);

void virgl_create_surface(struct virgl_stream *s, uint32_t handle, uint32_t resource, uint32_t format);
/* One colour buffer; with surface 0 none (a count of one with handle 0 would be an error). */
void virgl_set_framebuffer(struct virgl_stream *s, uint32_t surface);
void virgl_clear(struct virgl_stream *s, struct virgl_color color);
void virgl_copy_region(struct virgl_stream *s, uint32_t to, uint32_t to_x, uint32_t to_y, uint32_t from,
                       uint32_t from_x, uint32_t from_y, uint32_t width, uint32_t height);
void virgl_destroy_object(struct virgl_stream *s, uint32_t type, uint32_t handle);

/* Default blend, depth and rasterizer state under the handles first .. first + 2, and a viewport of half
 * sizes. */
void virgl_default_state(struct virgl_stream *s, uint32_t first, uint32_t half_width, uint32_t half_height);
/* A TGSI shader, created and bound. */
void virgl_shader(struct virgl_stream *s, uint32_t handle, uint32_t type, const char *text);
/* One float4 attribute from a buffer, then count vertices as triangles. */
void virgl_draw_triangles(struct virgl_stream *s, uint32_t elements, uint32_t buffer, uint32_t count);

#endif
