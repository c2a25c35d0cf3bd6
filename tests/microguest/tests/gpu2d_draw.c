/* Pictures: full and partial updates, scattered backing, formats, cropped scanouts, several heads. */
#include "core/cmdline.h"
#include "core/memory.h"
#include "core/report.h"
#include "gpu/picture.h"
#include "tests/gpu2d.h"

#define SCREEN        1
#define SCATTERED     2
#define FORMATTED     3
#define SECOND_HEAD   4
#define PARTIAL_RECTS 5
#define SMALL_WIDTH   160
#define SMALL_HEIGHT  120

static struct virtio_gpu_rect whole_of(const struct canvas *canvas)
{
    return (struct virtio_gpu_rect){0, 0, canvas->width, canvas->height};
}

static uint32_t bytes_of(const struct canvas *canvas)
{
    return canvas->width * canvas->height * 4;
}

/* Above 4 GiB if the machine has RAM there and high=1 asks for it. */
static uint8_t *allocate_framebuffer(uint32_t bytes)
{
    uint8_t *high = cmdline_flag("high") ? memory_allocate_high(bytes, PAGE_SIZE) : NULL;
    return high ? high : memory_allocate(bytes, PAGE_SIZE);
}

/* Transfer and flush of one rectangle of a linear framebuffer. */
static void update(struct gpu *gpu, uint32_t resource, const struct canvas *canvas, struct virtio_gpu_rect r)
{
    uint64_t offset = ((uint64_t)r.y * canvas->width + r.x) * 4;
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_transfer_to_host_2d(gpu, resource, r, offset));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_flush(gpu, resource, r));
}

static struct virtio_gpu_rect partial_rect(uint32_t i)
{
    return (struct virtio_gpu_rect){17 + i * 61, 11 + i * 37, 40 + i * 13, 20 + i * 7};
}

static void draw_full_then_partial(struct gpu *gpu, struct canvas *canvas, uint8_t *framebuffer)
{
    const uint32_t format = VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM;
    canvas_draw(canvas, 0, whole_of(canvas));
    canvas_encode(canvas, format, whole_of(canvas), framebuffer);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
           gpu_resource_create_2d(gpu, SCREEN, format, canvas->width, canvas->height));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_attach_memory(gpu, SCREEN, framebuffer, bytes_of(canvas)));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_set_scanout(gpu, 0, SCREEN, whole_of(canvas)));
    update(gpu, SCREEN, canvas, whole_of(canvas));
    picture_show("full", 0, canvas, whole_of(canvas));

    /* Memory changes everywhere, but only the transferred rectangles may change on the screen. */
    canvas_draw(canvas, 1, whole_of(canvas));
    canvas_encode(canvas, format, whole_of(canvas), framebuffer);
    canvas_draw(canvas, 0, whole_of(canvas));
    for (uint32_t i = 0; i < PARTIAL_RECTS; i++) {
        canvas_draw(canvas, 1, partial_rect(i));
        update(gpu, SCREEN, canvas, partial_rect(i));
    }
    picture_show("partial", 0, canvas, whole_of(canvas));
}

/* Backing in pieces of odd lengths, in an order of their own: rows and even pixels straddle them. */
static void draw_scattered(struct gpu *gpu, struct canvas *canvas, uint8_t *framebuffer)
{
    static const uint32_t lengths[] = {4096, 1000, 4, 3, 8189, 1, 12288, 77};
    const uint32_t pieces = sizeof lengths / sizeof *lengths;
    uint32_t bytes = bytes_of(canvas), count = 0;
    struct virtio_gpu_mem_entry *entries = memory_allocate(sizeof *entries * (bytes / 3000 + 16), 16);
    uint8_t *pool = memory_allocate(bytes * 2ul, PAGE_SIZE) + bytes * 2ul;

    canvas_draw(canvas, 2, whole_of(canvas));
    canvas_encode(canvas, VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM, whole_of(canvas), framebuffer);
    for (uint32_t done = 0; done < bytes; count++) {
        uint32_t length = lengths[count % pieces] < bytes - done ? lengths[count % pieces] : bytes - done;
        pool -= length + 13; /* downwards, with gaps */
        memcpy(pool, framebuffer + done, length);
        entries[count] = (struct virtio_gpu_mem_entry){(uint64_t)pool, length, 0};
        done += length;
    }
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
           gpu_resource_create_2d(gpu, SCATTERED, VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM, canvas->width,
                                  canvas->height));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_attach_backing(gpu, SCATTERED, entries, count));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_set_scanout(gpu, 0, SCATTERED, whole_of(canvas)));
    update(gpu, SCATTERED, canvas, whole_of(canvas));
    report_info("scattered entries=%u", count);
    picture_show("scattered", 0, canvas, whole_of(canvas));

    struct virtio_gpu_rect crop = {32, 16, canvas->width / 2, canvas->height / 2};
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_set_scanout(gpu, 0, SCATTERED, crop));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_flush(gpu, SCATTERED, crop));
    picture_show("crop", 0, canvas, crop);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_detach_backing(gpu, SCATTERED));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(gpu, SCATTERED));
}

static void draw_formats(struct gpu *gpu)
{
    static const struct {
        uint32_t format;
        const char *name;
    } formats[] = {
        {VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, "B8G8R8A8"}, {VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, "B8G8R8X8"},
        {VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM, "A8R8G8B8"}, {VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM, "X8R8G8B8"},
        {VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM, "R8G8B8A8"}, {VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM, "X8B8G8R8"},
        {VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM, "A8B8G8R8"}, {VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM, "R8G8B8X8"},
    };
    struct canvas canvas = canvas_create(SMALL_WIDTH, SMALL_HEIGHT);
    uint8_t *framebuffer = allocate_framebuffer(bytes_of(&canvas));
    for (uint32_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        canvas_draw(&canvas, 3 + i, whole_of(&canvas));
        canvas_encode(&canvas, formats[i].format, whole_of(&canvas), framebuffer);
        expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
               gpu_resource_create_2d(gpu, FORMATTED, formats[i].format, canvas.width, canvas.height));
        expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
               gpu_attach_memory(gpu, FORMATTED, framebuffer, bytes_of(&canvas)));
        expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_set_scanout(gpu, 0, FORMATTED, whole_of(&canvas)));
        update(gpu, FORMATTED, &canvas, whole_of(&canvas));
        picture_show(formats[i].name, 0, &canvas, whole_of(&canvas));
        /* Destroying what a scanout shows must disable it, not leave it dangling. */
        expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(gpu, FORMATTED));
    }
}

static void draw_second_head(struct gpu *gpu)
{
    if (gpu->scanouts < 2)
        return;
    struct canvas canvas = canvas_create(320, 200);
    uint8_t *framebuffer = allocate_framebuffer(bytes_of(&canvas));
    canvas_draw(&canvas, 11, whole_of(&canvas));
    canvas_encode(&canvas, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, whole_of(&canvas), framebuffer);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
           gpu_resource_create_2d(gpu, SECOND_HEAD, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, canvas.width,
                                  canvas.height));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
           gpu_attach_memory(gpu, SECOND_HEAD, framebuffer, bytes_of(&canvas)));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_set_scanout(gpu, 1, SECOND_HEAD, whole_of(&canvas)));
    update(gpu, SECOND_HEAD, &canvas, whole_of(&canvas));
    picture_show("second-head", 1, &canvas, whole_of(&canvas));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_set_scanout(gpu, 1, 0, (struct virtio_gpu_rect){0, 0, 0, 0}));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(gpu, SECOND_HEAD));
}

void gpu2d_draw(struct gpu *gpu)
{
    struct canvas canvas =
        canvas_create((uint32_t)cmdline_number("width", 640), (uint32_t)cmdline_number("height", 480));
    uint8_t *framebuffer = allocate_framebuffer(bytes_of(&canvas));
    report_info("framebuffer at %lx", (uint64_t)framebuffer);
    draw_full_then_partial(gpu, &canvas, framebuffer);
    draw_scattered(gpu, &canvas, framebuffer);
    draw_formats(gpu);
    draw_second_head(gpu);
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_set_scanout(gpu, 0, 0, (struct virtio_gpu_rect){0, 0, 0, 0}));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_detach_backing(gpu, SCREEN));
    expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(gpu, SCREEN));
}

bool gpu2d_draw_clean(struct gpu *gpu, const char *name)
{
    struct memory_mark mark = memory_mark();
    struct canvas canvas = canvas_create(SMALL_WIDTH, SMALL_HEIGHT);
    uint8_t *framebuffer = memory_allocate(bytes_of(&canvas), PAGE_SIZE);
    canvas_draw(&canvas, 0, whole_of(&canvas));
    canvas_encode(&canvas, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, whole_of(&canvas), framebuffer);
    bool drawn = expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
                        gpu_resource_create_2d(gpu, SCREEN, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, canvas.width,
                                               canvas.height)) &&
                 expect(gpu, VIRTIO_GPU_RESP_OK_NODATA,
                        gpu_attach_memory(gpu, SCREEN, framebuffer, bytes_of(&canvas))) &&
                 expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_set_scanout(gpu, 0, SCREEN, whole_of(&canvas)));
    if (drawn) {
        update(gpu, SCREEN, &canvas, whole_of(&canvas));
        picture_show(name, 0, &canvas, whole_of(&canvas));
        expect(gpu, VIRTIO_GPU_RESP_OK_NODATA, gpu_resource_unref(gpu, SCREEN));
    }
    memory_release(mark);
    return drawn;
}
