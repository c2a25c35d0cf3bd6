/* Command streams for the renderer: damaged good ones, and well-framed nonsense. Only with virgl=1. */
#include "core/memory.h"
#include "core/report.h"
#include "fuzz/fuzz.h"
#include "gpu/commands.h"
#include "gpu/virgl_stream.h"

#define CONTEXT        40
#define FIRST_RESOURCE 100
#define RESOURCES      3
#define STREAMS        16
#define RESOURCE_BYTES (64 * 64 * 4)

static struct virgl_stream stream;

void fuzz_virgl_init(void)
{
    stream = virgl_stream_create();
}

static void add_good_part(struct random *r)
{
    switch (random_below(r, 5)) {
    case 0:
        virgl_create_surface(&stream, 1 + random_below(r, 8), FIRST_RESOURCE + random_below(r, RESOURCES), 1);
        break;
    case 1:
        virgl_set_framebuffer(&stream, random_below(r, 9));
        break;
    case 2:
        virgl_clear(&stream, (struct virgl_color){FLOAT_1, FLOAT_0, FLOAT_1_2, FLOAT_1});
        break;
    case 3:
        virgl_copy_region(&stream, FIRST_RESOURCE + random_below(r, RESOURCES), random_below(r, 64), 0,
                          FIRST_RESOURCE + random_below(r, RESOURCES), 0, random_below(r, 64),
                          random_below(r, 80), random_below(r, 80));
        break;
    default:
        virgl_default_state(&stream, 10 + random_below(r, 8), FLOAT_32, FLOAT_32);
    }
}

static void add_nonsense(struct random *r)
{
    uint32_t length = random_below(r, 24);
    virgl_put(&stream,
              VIRGL_CMD0(random_below(r, VIRGL_MAX_COMMANDS), random_below(r, VIRGL_MAX_OBJECTS), length));
    for (uint32_t i = 0; i < length; i++)
        virgl_put(&stream, random_chance(r, 60) ? random_below(r, 128) : random_awkward(r));
}

static void build(struct random *r)
{
    stream.count = 0;
    for (uint32_t i = 1 + random_below(r, 6); i > 0; i--) {
        if (random_chance(r, 50))
            add_good_part(r);
        else
            add_nonsense(r);
    }
    if (random_chance(r, 40))
        for (uint32_t i = random_below(r, 4); i > 0; i--)
            stream.dwords[random_below(r, stream.count)] = random_awkward(r);
}

static bool set_up(struct fuzz *fuzz)
{
    struct gpu *gpu = &fuzz->gpu;
    uint32_t init = gpu->device.features & VIRTIO_GPU_F_CONTEXT_INIT ? VIRTIO_GPU_CAPSET_VIRGL2 : 0;
    if (gpu_ctx_create(gpu, CONTEXT, init, "fuzz") == GPU_NO_RESPONSE)
        return false;
    for (uint32_t i = 0; i < RESOURCES; i++) {
        struct virtio_gpu_resource_create_3d create = {.resource_id = FIRST_RESOURCE + i,
                                                       .target = PIPE_TEXTURE_2D,
                                                       .format = VIRGL_FORMAT_B8G8R8A8_UNORM,
                                                       .bind =
                                                           VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SAMPLER_VIEW,
                                                       .width = 64,
                                                       .height = 64,
                                                       .depth = 1,
                                                       .array_size = 1};
        if (gpu_resource_create_3d(gpu, &create) == GPU_NO_RESPONSE)
            return false;
        gpu_attach_memory(gpu, FIRST_RESOURCE + i, fuzz->scratch + i * RESOURCE_BYTES, RESOURCE_BYTES);
        gpu_ctx_attach_resource(gpu, CONTEXT, FIRST_RESOURCE + i);
    }
    return true;
}

bool fuzz_virgl(struct fuzz *fuzz)
{
    struct random *r = &fuzz->random;
    bool answered = set_up(fuzz);
    for (uint32_t i = 0; i < STREAMS && answered; i++, fuzz->operations++) {
        build(r);
        answered = gpu_submit_3d(&fuzz->gpu, CONTEXT, stream.dwords, stream.count) != GPU_NO_RESPONSE;
        if (answered && random_chance(r, 30)) {
            struct virtio_gpu_box box = {
                0, 0, 0, random_below(r, 70), random_below(r, 70), random_below(r, 3)};
            answered = gpu_transfer_3d(&fuzz->gpu,
                                       random_chance(r, 50) ? VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D
                                                            : VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D,
                                       CONTEXT, FIRST_RESOURCE + random_below(r, RESOURCES + 1), box,
                                       random_below(r, 4096), 256) != GPU_NO_RESPONSE;
        }
    }
    for (uint32_t i = 0; i < RESOURCES && answered; i++)
        answered = gpu_resource_unref(&fuzz->gpu, FIRST_RESOURCE + i) != GPU_NO_RESPONSE;
    answered = answered && gpu_ctx_destroy(&fuzz->gpu, CONTEXT) != GPU_NO_RESPONSE;
    fuzz->answered += answered;
    if (answered)
        return true;
    fuzz->unanswered++;
    check(fuzz->is_qemu, "virgl stream expected an answer got silence (operation %lu)", fuzz->operations);
    return fuzz_recover(fuzz, &fuzz->targets[0]);
}
