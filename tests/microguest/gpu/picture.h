/*
 * The pictures that the guest draws and a host can compute. README.md gives the formula: pixel (x, y) of
 * pattern n is R = x + 40 n, G = 2 y + 80 n, B = x xor y, each modulo 256.
 */
#ifndef MICROGUEST_GPU_PICTURE_H
#define MICROGUEST_GPU_PICTURE_H

#include <stdint.h>

#include "gpu/protocol.h"

struct rgb {
    uint8_t r, g, b;
};

struct rgb picture_pixel(uint32_t pattern, uint32_t x, uint32_t y);
/* One pixel in memory order of a virtio_gpu_formats value; an X byte is 0, an A byte is 255. */
uint32_t picture_encode(uint32_t format, struct rgb color);

/* A canvas remembers which colour is due at every pixel, as 3 bytes R, G, B, row by row. */
struct canvas {
    uint32_t width, height;
    uint8_t *rgb;
};

struct canvas canvas_create(uint32_t width, uint32_t height);
/* Draws pattern n into the canvas, with (0, 0) of the pattern at the canvas's own corner. */
void canvas_draw(struct canvas *canvas, uint32_t pattern, struct virtio_gpu_rect r);
/* Encodes a rectangle of the canvas into a linear framebuffer of the canvas's width. */
void canvas_encode(const struct canvas *canvas, uint32_t format, struct virtio_gpu_rect r,
                   uint8_t *framebuffer);
/* CRC-32 of the bytes R, G, B of a rectangle, row by row. */
uint32_t canvas_crc(const struct canvas *canvas, struct virtio_gpu_rect r);

/* "MG: picture", then waits as hold= asks: milliseconds, or a byte on the serial port. */
void picture_show(const char *name, uint32_t scanout, const struct canvas *canvas, struct virtio_gpu_rect r);

/* Waits as hold= asks, for a host that wants to look at something else than a picture. */
void picture_hold(void);

#endif
