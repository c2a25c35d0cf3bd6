/* Encoders of single virgl commands. */
#include "gpu/virgl_stream.h"

#include "core/memory.h"

struct virgl_stream virgl_stream_create(void)
{
    return (struct virgl_stream){memory_allocate(VIRGL_STREAM_DWORDS * 4, 16), 0};
}

void virgl_put(struct virgl_stream *s, uint32_t dword)
{
    if (s->count < VIRGL_STREAM_DWORDS)
        s->dwords[s->count++] = dword;
}

static void put_all(struct virgl_stream *s, uint32_t header, const uint32_t *dwords, uint32_t count)
{
    virgl_put(s, header);
    for (uint32_t i = 0; i < count; i++)
        virgl_put(s, dwords[i]);
}

/* The length field comes from the arguments, so that it cannot be wrong. */
#define COMMAND(s, cmd, obj, ...)                                                          \
    do {                                                                                   \
        const uint32_t dwords_[] = {__VA_ARGS__};                                          \
        put_all(s, VIRGL_CMD0(cmd, obj, sizeof dwords_ / 4), dwords_, sizeof dwords_ / 4); \
    } while (0)

void virgl_create_surface(struct virgl_stream *s, uint32_t handle, uint32_t resource, uint32_t format)
{
    COMMAND(s, VIRGL_CCMD_CREATE_OBJECT, VIRGL_OBJECT_SURFACE, handle, resource, format, 0, 0);
}

void virgl_set_framebuffer(struct virgl_stream *s, uint32_t surface)
{
    if (surface)
        COMMAND(s, VIRGL_CCMD_SET_FRAMEBUFFER_STATE, 0, 1, 0, surface);
    else
        COMMAND(s, VIRGL_CCMD_SET_FRAMEBUFFER_STATE, 0, 0, 0);
}

void virgl_clear(struct virgl_stream *s, struct virgl_color c)
{
    COMMAND(s, VIRGL_CCMD_CLEAR, 0, PIPE_CLEAR_COLOR0, c.r, c.g, c.b, c.a, 0, 0, 0);
}

void virgl_copy_region(struct virgl_stream *s, uint32_t to, uint32_t to_x, uint32_t to_y, uint32_t from,
                       uint32_t from_x, uint32_t from_y, uint32_t width, uint32_t height)
{
    COMMAND(s, VIRGL_CCMD_RESOURCE_COPY_REGION, 0, to, 0, to_x, to_y, 0, from, 0, from_x, from_y, 0, width,
            height, 1);
}

void virgl_destroy_object(struct virgl_stream *s, uint32_t type, uint32_t handle)
{
    COMMAND(s, VIRGL_CCMD_DESTROY_OBJECT, type, handle);
}

static void bind_object(struct virgl_stream *s, uint32_t type, uint32_t handle)
{
    COMMAND(s, VIRGL_CCMD_BIND_OBJECT, type, handle);
}

void virgl_default_state(struct virgl_stream *s, uint32_t first, uint32_t half_width, uint32_t half_height)
{
    const uint32_t mask = VIRGL_OBJ_BLEND_COLORMASK_ALL;
    COMMAND(s, VIRGL_CCMD_CREATE_OBJECT, VIRGL_OBJECT_BLEND, first, 0, 0, mask, mask, mask, mask, mask, mask,
            mask, mask);
    bind_object(s, VIRGL_OBJECT_BLEND, first);
    COMMAND(s, VIRGL_CCMD_CREATE_OBJECT, VIRGL_OBJECT_DSA, first + 1, 0, 0, 0, 0);
    bind_object(s, VIRGL_OBJECT_DSA, first + 1);
    COMMAND(s, VIRGL_CCMD_CREATE_OBJECT, VIRGL_OBJECT_RASTERIZER, first + 2,
            VIRGL_OBJ_RS_S0_DEPTH_CLIP | VIRGL_OBJ_RS_S0_HALF_PIXEL_CENTER, FLOAT_1, 0, 0, FLOAT_1, 0, 0, 0);
    bind_object(s, VIRGL_OBJECT_RASTERIZER, first + 2);
    COMMAND(s, VIRGL_CCMD_SET_VIEWPORT_STATE, 0, 0, half_width, half_height, FLOAT_1_2, half_width,
            half_height, FLOAT_1_2);
}

void virgl_shader(struct virgl_stream *s, uint32_t handle, uint32_t type, const char *text)
{
    uint32_t bytes = (uint32_t)strlen(text) + 1;
    uint32_t dwords = (bytes + 3) / 4;
    virgl_put(s, VIRGL_CMD0(VIRGL_CCMD_CREATE_OBJECT, VIRGL_OBJECT_SHADER, 5 + dwords));
    virgl_put(s, handle);
    virgl_put(s, type);
    virgl_put(s, bytes);
    virgl_put(s, 300); /* an upper bound of the token count */
    virgl_put(s, 0);
    for (uint32_t i = 0; i < dwords; i++) {
        uint32_t dword = 0;
        memcpy(&dword, text + 4 * i, bytes - 4 * i < 4 ? bytes - 4 * i : 4);
        virgl_put(s, dword);
    }
    COMMAND(s, VIRGL_CCMD_BIND_SHADER, 0, handle, type);
}

void virgl_draw_triangles(struct virgl_stream *s, uint32_t elements, uint32_t buffer, uint32_t count)
{
    COMMAND(s, VIRGL_CCMD_CREATE_OBJECT, VIRGL_OBJECT_VERTEX_ELEMENTS, elements, 0, 0, 0,
            VIRGL_FORMAT_R32G32B32A32_FLOAT);
    bind_object(s, VIRGL_OBJECT_VERTEX_ELEMENTS, elements);
    COMMAND(s, VIRGL_CCMD_SET_VERTEX_BUFFERS, 0, 16, 0, buffer);
    COMMAND(s, VIRGL_CCMD_DRAW_VBO, 0, 0, count, PIPE_PRIM_TRIANGLES, 0, 1, 0, 0, 0, 0, 0, count - 1, 0);
}
