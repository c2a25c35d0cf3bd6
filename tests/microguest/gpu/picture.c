/* Patterns, canvases, and the pause in which a host looks at the screen. */
#include "gpu/picture.h"

#include "core/cmdline.h"
#include "core/crc32.h"
#include "core/instructions.h"
#include "core/memory.h"
#include "core/print.h"
#include "core/serial.h"
#include "core/tsc.h"

#define KEY_TIMEOUT_MS 60000

struct rgb picture_pixel(uint32_t pattern, uint32_t x, uint32_t y)
{
    return (struct rgb){(uint8_t)(x + 40 * pattern), (uint8_t)(2 * y + 80 * pattern), (uint8_t)(x ^ y)};
}

/* The formats name their bytes in memory order. */
uint32_t picture_encode(uint32_t format, struct rgb c)
{
    uint32_t r = c.r, g = c.g, b = c.b, a = 255;
    switch (format) {
    case VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM:
        return b | g << 8 | r << 16 | a << 24;
    case VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM:
        return b | g << 8 | r << 16;
    case VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM:
        return a | r << 8 | g << 16 | b << 24;
    case VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM:
        return r << 8 | g << 16 | b << 24;
    case VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM:
        return r | g << 8 | b << 16 | a << 24;
    case VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM:
        return r | g << 8 | b << 16;
    case VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM:
        return a | b << 8 | g << 16 | r << 24;
    default: /* VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM */
        return b << 8 | g << 16 | r << 24;
    }
}

struct canvas canvas_create(uint32_t width, uint32_t height)
{
    return (struct canvas){width, height, memory_allocate(3ul * width * height, 16)};
}

static uint8_t *pixel_at(const struct canvas *canvas, uint32_t x, uint32_t y)
{
    return canvas->rgb + 3 * ((uint64_t)y * canvas->width + x);
}

void canvas_draw(struct canvas *canvas, uint32_t pattern, struct virtio_gpu_rect r)
{
    for (uint32_t y = r.y; y < r.y + r.height; y++)
        for (uint32_t x = r.x; x < r.x + r.width; x++) {
            struct rgb color = picture_pixel(pattern, x, y);
            uint8_t *pixel = pixel_at(canvas, x, y);
            pixel[0] = color.r;
            pixel[1] = color.g;
            pixel[2] = color.b;
        }
}

void canvas_encode(const struct canvas *canvas, uint32_t format, struct virtio_gpu_rect r,
                   uint8_t *framebuffer)
{
    uint32_t *pixels = (uint32_t *)framebuffer;
    for (uint32_t y = r.y; y < r.y + r.height; y++)
        for (uint32_t x = r.x; x < r.x + r.width; x++) {
            const uint8_t *pixel = pixel_at(canvas, x, y);
            pixels[(uint64_t)y * canvas->width + x] =
                picture_encode(format, (struct rgb){pixel[0], pixel[1], pixel[2]});
        }
}

uint32_t canvas_crc(const struct canvas *canvas, struct virtio_gpu_rect r)
{
    uint32_t crc = 0;
    for (uint32_t y = r.y; y < r.y + r.height; y++)
        crc = crc32(crc, pixel_at(canvas, r.x, y), 3ul * r.width);
    return crc;
}

void picture_hold(void)
{
    size_t length;
    const char *value = cmdline_value("hold", &length);
    if (!value)
        return;
    bool for_key = length == 3 && strncmp(value, "key", 3) == 0;
    uint64_t deadline = deadline_ms(for_key ? KEY_TIMEOUT_MS : cmdline_number("hold", 0));
    char byte;
    while (!deadline_passed(deadline)) {
        if (for_key && serial_read(&byte))
            return;
        delay_us(1000);
    }
}

void picture_show(const char *name, uint32_t scanout, const struct canvas *canvas, struct virtio_gpu_rect r)
{
    print("MG: picture %s scanout=%u width=%u height=%u crc32=%08x\n", name, scanout, r.width, r.height,
          canvas_crc(canvas, r));
    picture_hold();
}
