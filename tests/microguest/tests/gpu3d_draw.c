/* Transfers in both directions, copies on the host, and a drawing with shaders. */
#include "core/memory.h"
#include "core/report.h"
#include "gpu/picture.h"
#include "tests/gpu3d.h"

#define VERTEX_BUFFER 30
#define VERTICES      6

static uint32_t pattern(uint32_t x, uint32_t y)
{
    return picture_encode(VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, picture_pixel(7, x, y));
}

static uint32_t count_differences(const struct texture *texture)
{
    uint32_t wrong = 0;
    for (uint32_t y = 0; y < GPU3D_HEIGHT; y++)
        for (uint32_t x = 0; x < GPU3D_WIDTH; x++)
            wrong += texture->pixels[y * GPU3D_WIDTH + x] != pattern(x, y);
    return wrong;
}

/* Uploads in four boxes, copies on the host from one texture to another, reads back exactly. */
void gpu3d_check_transfers(struct gpu *gpu)
{
    struct texture from, to;
    if (!texture_create(gpu, &from, GPU3D_CONTEXT, 11) || !texture_create(gpu, &to, GPU3D_CONTEXT, 12))
        return;
    for (uint32_t y = 0; y < GPU3D_HEIGHT; y++)
        for (uint32_t x = 0; x < GPU3D_WIDTH; x++)
            from.pixels[y * GPU3D_WIDTH + x] = pattern(x, y);
    for (uint32_t i = 0; i < 4; i++) {
        struct virtio_gpu_box box = {i % 2 * GPU3D_WIDTH / 2, i / 2 * GPU3D_HEIGHT / 2, 0,
                                     GPU3D_WIDTH / 2,         GPU3D_HEIGHT / 2,         1};
        uint64_t offset = (box.y * GPU3D_WIDTH + box.x) * 4;
        expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
               gpu_transfer_3d(gpu, VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, GPU3D_CONTEXT, from.resource, box,
                               offset, GPU3D_WIDTH * 4));
    }
    if (texture_read_back(gpu, &from, GPU3D_CONTEXT))
        check(count_differences(&from) == 0, "transfer round trip expected exact got %u wrong pixels",
              count_differences(&from));

    struct virgl_stream stream = virgl_stream_create();
    virgl_copy_region(&stream, to.resource, 0, 0, from.resource, 0, 0, GPU3D_WIDTH, GPU3D_HEIGHT);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_submit_3d(gpu, GPU3D_CONTEXT, stream.dwords, stream.count));
    if (texture_read_back(gpu, &to, GPU3D_CONTEXT))
        check(count_differences(&to) == 0, "copy region expected exact got %u wrong pixels",
              count_differences(&to));
    texture_destroy(gpu, &from, GPU3D_CONTEXT);
    texture_destroy(gpu, &to, GPU3D_CONTEXT);
}

/* Two triangles over the left half: whichever way up the target is, the halves stay left and right. */
static bool create_vertices(struct gpu *gpu)
{
    static const uint32_t xy[VERTICES][2] = {{FLOAT_M1, FLOAT_M1}, {FLOAT_0, FLOAT_M1}, {FLOAT_0, FLOAT_1},
                                             {FLOAT_M1, FLOAT_M1}, {FLOAT_0, FLOAT_1},  {FLOAT_M1, FLOAT_1}};
    const uint32_t bytes = VERTICES * 16;
    uint32_t *vertices = memory_allocate(PAGE_SIZE, PAGE_SIZE);
    for (uint32_t i = 0; i < VERTICES; i++) {
        vertices[4 * i] = xy[i][0];
        vertices[4 * i + 1] = xy[i][1];
        vertices[4 * i + 2] = FLOAT_0;
        vertices[4 * i + 3] = FLOAT_1;
    }
    struct virtio_gpu_resource_create_3d create = {
        .resource_id = VERTEX_BUFFER,
        .target = PIPE_BUFFER,
        .format = VIRGL_FORMAT_R8_UNORM,
        .bind = VIRGL_BIND_VERTEX_BUFFER,
        .width = bytes,
        .height = 1,
        .depth = 1,
        .array_size = 1,
    };
    return expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_create_3d(gpu, &create)) &&
           expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_attach_memory(gpu, VERTEX_BUFFER, vertices, bytes)) &&
           expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
                  gpu_ctx_attach_resource(gpu, GPU3D_CONTEXT, VERTEX_BUFFER)) &&
           expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
                  gpu_transfer_3d(gpu, VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, GPU3D_CONTEXT, VERTEX_BUFFER,
                                  (struct virtio_gpu_box){0, 0, 0, bytes, 1, 1}, 0, 0));
}

void gpu3d_check_draw(struct gpu *gpu)
{
    static const char vertex_shader[] = "VERT\n"
                                        "DCL IN[0]\n"
                                        "DCL OUT[0], POSITION\n"
                                        "  0: MOV OUT[0], IN[0]\n"
                                        "  1: END\n";
    static const char fragment_shader[] = "FRAG\n"
                                          "PROPERTY FS_COLOR0_WRITES_ALL_CBUFS 1\n"
                                          "DCL OUT[0], COLOR\n"
                                          "IMM[0] FLT32 { 0.2500, 0.7500, 0.5000, 1.0000}\n"
                                          "  0: MOV OUT[0], IMM[0]\n"
                                          "  1: END\n";
    struct texture target;
    if (!texture_create(gpu, &target, GPU3D_CONTEXT, 13) || !create_vertices(gpu))
        return;
    struct virgl_stream stream = virgl_stream_create();
    virgl_create_surface(&stream, 1, target.resource, VIRGL_FORMAT_B8G8R8A8_UNORM);
    virgl_set_framebuffer(&stream, 1);
    virgl_clear(&stream, (struct virgl_color){FLOAT_1, FLOAT_0, FLOAT_0, FLOAT_1});
    virgl_default_state(&stream, 2, FLOAT_32, FLOAT_16);
    virgl_shader(&stream, 5, PIPE_SHADER_VERTEX, vertex_shader);
    virgl_shader(&stream, 6, PIPE_SHADER_FRAGMENT, fragment_shader);
    virgl_draw_triangles(&stream, 7, VERTEX_BUFFER, VERTICES);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_submit_3d(gpu, GPU3D_CONTEXT, stream.dwords, stream.count));
    if (texture_read_back(gpu, &target, GPU3D_CONTEXT)) {
        const uint32_t half = GPU3D_WIDTH / 2;
        texture_check(&target, (struct virtio_gpu_rect){0, 0, half, GPU3D_HEIGHT}, 0xff40bf80, "drawn half");
        texture_check(&target, (struct virtio_gpu_rect){half, 0, half, GPU3D_HEIGHT}, 0xffff0000,
                      "cleared half");
    }
    texture_destroy(gpu, &target, GPU3D_CONTEXT);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(gpu, VERTEX_BUFFER));
}
