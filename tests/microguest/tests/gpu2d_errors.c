/*
 * Wrong arguments and the error that is due for each. Where virtio 1.3 leaves the code open, the ones that
 * make sense are all accepted. With peer=qemu any error code will do, backing outside RAM too (QEMU bounces
 * it), and what QEMU 7.2 leaves unanswered or dies of is left out.
 */
#include "core/cmdline.h"
#include "core/memory.h"
#include "core/report.h"
#include "tests/gpu2d.h"

#define UNSPEC        (1u << 0)
#define OUT_OF_MEMORY (1u << 1)
#define BAD_SCANOUT   (1u << 2)
#define BAD_RESOURCE  (1u << 3)
#define BAD_CONTEXT   (1u << 4)
#define BAD_PARAMETER (1u << 5)
#define ANY_ERROR     0x3fu
#define ACCEPTED      (1u << 6)

#define RESOURCE    100
#define UNKNOWN     0x7fff
#define WIDTH       64u
#define HEIGHT      48u
#define BYTES       (WIDTH * HEIGHT * 4)
#define OUTSIDE_RAM 0x0000700000000000ul

static void refused(uint32_t allowed, uint32_t got, const char *what)
{
    if (cmdline_list_has("peer", "qemu"))
        allowed |= ANY_ERROR;
    bool is_error = got >= VIRTIO_GPU_RESP_ERR_UNSPEC && got <= VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    uint32_t bit = got == VIRTIO_GPU_RESP_OK_NODATA ? ACCEPTED
                   : is_error                       ? 1u << (got - VIRTIO_GPU_RESP_ERR_UNSPEC)
                                                    : 0;
    check(bit & allowed, "%s expected one of errors %x got %s (%x)", what, allowed, gpu_response_name(got),
          got);
}

#define refuse(allowed, call) refused(allowed, call, #call)

static const struct virtio_gpu_rect whole = {0, 0, WIDTH, HEIGHT};

static void check_create(struct gpu *gpu)
{
    const uint32_t bgra = VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM;
    refuse(BAD_RESOURCE | BAD_PARAMETER, gpu_resource_create_2d(gpu, 0, bgra, WIDTH, HEIGHT));
    refuse(BAD_RESOURCE | BAD_PARAMETER, gpu_resource_create_2d(gpu, RESOURCE, bgra, WIDTH, HEIGHT));
    refuse(BAD_PARAMETER, gpu_resource_create_2d(gpu, UNKNOWN, 0, WIDTH, HEIGHT));
    refuse(BAD_PARAMETER, gpu_resource_create_2d(gpu, UNKNOWN, 5, WIDTH, HEIGHT));
    refuse(BAD_PARAMETER, gpu_resource_create_2d(gpu, UNKNOWN, 0xffffffff, WIDTH, HEIGHT));
    refuse(OUT_OF_MEMORY | BAD_PARAMETER, gpu_resource_create_2d(gpu, UNKNOWN, bgra, 0xffffffff, 0xffffffff));
    refuse(OUT_OF_MEMORY | BAD_PARAMETER, gpu_resource_create_2d(gpu, UNKNOWN, bgra, 20000, 20000));
    refuse(BAD_RESOURCE, gpu_resource_unref(gpu, UNKNOWN));
    refuse(BAD_RESOURCE, gpu_resource_unref(gpu, 0));
}

static void check_backing_outside_ram(struct gpu *gpu, struct virtio_gpu_mem_entry *entries)
{
    const struct virtio_gpu_mem_entry good = entries[0];
    entries[0].addr = OUTSIDE_RAM;
    refuse(UNSPEC | BAD_PARAMETER, gpu_attach_backing(gpu, RESOURCE, entries, 1));
    entries[0].addr = UINT64_MAX - 100;
    refuse(UNSPEC | BAD_PARAMETER, gpu_attach_backing(gpu, RESOURCE, entries, 1));
    entries[0] = good;
    entries[1] = (struct virtio_gpu_mem_entry){OUTSIDE_RAM, PAGE_SIZE, 0};
    refuse(UNSPEC | BAD_PARAMETER, gpu_attach_backing(gpu, RESOURCE, entries, 2));
}

static void check_backing(struct gpu *gpu, void *memory)
{
    struct virtio_gpu_mem_entry *entries = memory_allocate(2 * sizeof *entries, 16);
    entries[0] = (struct virtio_gpu_mem_entry){(uint64_t)memory, BYTES, 0};
    refuse(BAD_RESOURCE, gpu_attach_backing(gpu, UNKNOWN, entries, 1));
    refuse(UNSPEC | BAD_PARAMETER, gpu_detach_backing(gpu, RESOURCE));
    refuse(BAD_RESOURCE, gpu_detach_backing(gpu, UNKNOWN));

    if (!cmdline_list_has("peer", "qemu"))
        check_backing_outside_ram(gpu, entries);
    entries[0] = (struct virtio_gpu_mem_entry){(uint64_t)memory, BYTES, 0};

    struct virtio_gpu_resource_attach_backing lie = {
        {.type = VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING}, RESOURCE, 9};
    refused(UNSPEC | BAD_PARAMETER, gpu_command(gpu, &lie, sizeof lie, entries, sizeof *entries),
            "attach_backing with more entries than data");
    lie.nr_entries = 0xffffffff;
    refused(UNSPEC | BAD_PARAMETER | OUT_OF_MEMORY,
            gpu_command(gpu, &lie, sizeof lie, entries, sizeof *entries),
            "attach_backing with 2^32-1 entries");

    refuse(UNSPEC | BAD_PARAMETER, gpu_transfer_to_host_2d(gpu, RESOURCE, whole, 0));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_attach_backing(gpu, RESOURCE, entries, 1));
    refuse(UNSPEC | BAD_PARAMETER, gpu_attach_backing(gpu, RESOURCE, entries, 1));
}

static void check_rectangles(struct gpu *gpu)
{
    static const struct virtio_gpu_rect outside[] = {{0, 0, WIDTH + 1, HEIGHT},
                                                     {0, 0, WIDTH, HEIGHT + 1},
                                                     {1, 0, WIDTH, HEIGHT},
                                                     {0, 1, WIDTH, HEIGHT},
                                                     {WIDTH, HEIGHT, 16, 16},
                                                     {0xfffffff0, 0, 32, 16},
                                                     {0, 0xfffffff0, 16, 32},
                                                     {0, 0, 0xffffffff, 0xffffffff},
                                                     {0x80000000, 0x80000000, 0x80000000, 0x80000000}};
    for (uint32_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        refuse(BAD_PARAMETER, gpu_transfer_to_host_2d(gpu, RESOURCE, outside[i], 0));
        refuse(BAD_PARAMETER, gpu_resource_flush(gpu, RESOURCE, outside[i]));
        refuse(BAD_PARAMETER, gpu_set_scanout(gpu, 0, RESOURCE, outside[i]));
    }
    refuse(BAD_PARAMETER, gpu_set_scanout(gpu, 0, RESOURCE, (struct virtio_gpu_rect){0, 0, 0, 0}));
    refuse(BAD_RESOURCE, gpu_transfer_to_host_2d(gpu, UNKNOWN, whole, 0));
    refuse(BAD_RESOURCE, gpu_resource_flush(gpu, UNKNOWN, whole));
    refuse(BAD_RESOURCE, gpu_set_scanout(gpu, 0, UNKNOWN, whole));
    refuse(BAD_SCANOUT, gpu_set_scanout(gpu, gpu->scanouts, RESOURCE, whole));
    refuse(BAD_SCANOUT, gpu_set_scanout(gpu, 0xffffffff, RESOURCE, whole));
    /* A resource that no scanout shows may be flushed. */
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_flush(gpu, RESOURCE, whole));
}

static void check_unknown_commands(struct gpu *gpu)
{
    static const uint32_t types[] = {0,     1,      0xff,   0x1ff,      0x2ff,     0x301,
                                     0x400, 0x1100, 0x1200, 0x7fffffff, 0xffffffff};
    for (uint32_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct virtio_gpu_resource_command command = {{.type = types[i]}, RESOURCE, 0};
        uint32_t got = gpu_command(gpu, &command, sizeof command, NULL, 0);
        check(got == VIRTIO_GPU_RESP_ERR_UNSPEC ||
                  (cmdline_list_has("peer", "qemu") && got >= VIRTIO_GPU_RESP_ERR_UNSPEC),
              "command %x expected ERR_UNSPEC got %s (%x)", types[i], gpu_response_name(got), got);
    }
    refuse(ANY_ERROR, gpu_ctx_create(gpu, 1, 0, "2d only"));
    refuse(ANY_ERROR, gpu_get_capset_info(gpu, 0xffff));
    refuse(ANY_ERROR, gpu_get_capset(gpu, 0xffff, 0));
    if (gpu->device.features & VIRTIO_GPU_F_EDID) {
        refuse(BAD_PARAMETER | BAD_SCANOUT, gpu_get_edid(gpu, gpu->scanouts));
        refuse(BAD_PARAMETER | BAD_SCANOUT, gpu_get_edid(gpu, 0xffffffff));
    }
}

/* An offset behind the backing leaves nothing to copy; a device may refuse it or not. */
static void check_far_offsets(struct gpu *gpu)
{
    static const uint64_t offsets[] = {4, BYTES - 4, BYTES, BYTES + 1, 0xfffffffc, UINT64_MAX - 3};
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
           gpu_attach_memory(gpu, RESOURCE, memory_allocate(BYTES, 16), BYTES));
    for (uint32_t i = 0; i < sizeof offsets / sizeof *offsets; i++)
        refuse(BAD_PARAMETER | UNSPEC | ACCEPTED, gpu_transfer_to_host_2d(gpu, RESOURCE, whole, offsets[i]));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_detach_backing(gpu, RESOURCE));
}

static void check_truncated(struct gpu *gpu)
{
    struct virtio_gpu_set_scanout command = {{.type = VIRTIO_GPU_CMD_SET_SCANOUT}, whole, 0, RESOURCE};
    for (uint32_t length = 1; length < sizeof command; length += 7) {
        uint32_t got = gpu_command(gpu, &command, length, NULL, 0);
        check(got >= VIRTIO_GPU_RESP_ERR_UNSPEC && got <= VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER,
              "set_scanout cut to %u bytes expected an error got %s (%x)", length, gpu_response_name(got),
              got);
    }
}

void gpu2d_check_errors(struct gpu *gpu)
{
    void *memory = memory_allocate(BYTES, PAGE_SIZE);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
           gpu_resource_create_2d(gpu, RESOURCE, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, WIDTH, HEIGHT));
    check_create(gpu);
    check_backing(gpu, memory);
    check_rectangles(gpu);
    check_unknown_commands(gpu);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_detach_backing(gpu, RESOURCE));
    if (!cmdline_list_has("peer", "qemu")) {
        check_truncated(gpu);
        check_far_offsets(gpu);
    }
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(gpu, RESOURCE));
    refuse(BAD_RESOURCE, gpu_resource_unref(gpu, RESOURCE));
}
