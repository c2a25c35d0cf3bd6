/* The part of the virgl command stream that the tests speak; names and values as in virglrenderer's protocol.
 */
#ifndef MICROGUEST_GPU_VIRGL_PROTOCOL_H
#define MICROGUEST_GPU_VIRGL_PROTOCOL_H

#include <stdint.h>

#define VIRTIO_GPU_CAPSET_VIRGL  1
#define VIRTIO_GPU_CAPSET_VIRGL2 2

enum virgl_object_type {
    VIRGL_OBJECT_NULL,
    VIRGL_OBJECT_BLEND,
    VIRGL_OBJECT_RASTERIZER,
    VIRGL_OBJECT_DSA,
    VIRGL_OBJECT_SHADER,
    VIRGL_OBJECT_VERTEX_ELEMENTS,
    VIRGL_OBJECT_SAMPLER_VIEW,
    VIRGL_OBJECT_SAMPLER_STATE,
    VIRGL_OBJECT_SURFACE,
    VIRGL_MAX_OBJECTS = 12,
};

enum virgl_context_cmd {
    VIRGL_CCMD_NOP = 0,
    VIRGL_CCMD_CREATE_OBJECT = 1,
    VIRGL_CCMD_BIND_OBJECT = 2,
    VIRGL_CCMD_DESTROY_OBJECT = 3,
    VIRGL_CCMD_SET_VIEWPORT_STATE = 4,
    VIRGL_CCMD_SET_FRAMEBUFFER_STATE = 5,
    VIRGL_CCMD_SET_VERTEX_BUFFERS = 6,
    VIRGL_CCMD_CLEAR = 7,
    VIRGL_CCMD_DRAW_VBO = 8,
    VIRGL_CCMD_RESOURCE_COPY_REGION = 17,
    VIRGL_CCMD_CREATE_SUB_CTX = 29,
    VIRGL_CCMD_BIND_SHADER = 31,
    VIRGL_MAX_COMMANDS = 60,
};

/* Header of a command: 8 bits command, 8 bits object type, 16 bits length in dwords behind the header. */
#define VIRGL_CMD0(cmd, obj, len) ((uint32_t)(cmd) | (uint32_t)(obj) << 8 | (uint32_t)(len) << 16)

#define VIRGL_FORMAT_B8G8R8A8_UNORM     1
#define VIRGL_FORMAT_R32G32B32A32_FLOAT 31
#define VIRGL_FORMAT_R8_UNORM           64

#define PIPE_BUFFER          0
#define PIPE_TEXTURE_2D      2
#define PIPE_CLEAR_COLOR0    (1u << 2)
#define PIPE_PRIM_TRIANGLES  4
#define PIPE_SHADER_VERTEX   0
#define PIPE_SHADER_FRAGMENT 1

#define VIRGL_BIND_RENDER_TARGET (1u << 1)
#define VIRGL_BIND_SAMPLER_VIEW  (1u << 3)
#define VIRGL_BIND_VERTEX_BUFFER (1u << 4)
#define VIRGL_BIND_SCANOUT       (1u << 18)

#define VIRGL_RESOURCE_Y_0_TOP (1u << 0)

#define VIRGL_OBJ_RS_S0_DEPTH_CLIP        (1u << 1)
#define VIRGL_OBJ_RS_S0_HALF_PIXEL_CENTER (1u << 29)
#define VIRGL_OBJ_BLEND_COLORMASK_ALL     (0xfu << 27)

#define VIRGL_MAX_COLOR_BUFS 8

/* IEEE 754 single precision, by bits: the guest is compiled without floating point. */
#define FLOAT_0   0x00000000u
#define FLOAT_1_4 0x3e800000u
#define FLOAT_1_2 0x3f000000u
#define FLOAT_3_4 0x3f400000u
#define FLOAT_1   0x3f800000u
#define FLOAT_M1  0xbf800000u
#define FLOAT_4   0x40800000u
#define FLOAT_8   0x41000000u
#define FLOAT_16  0x41800000u
#define FLOAT_32  0x42000000u

#endif
