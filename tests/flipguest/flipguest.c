/*
 * usage: flipguest FLIPS
 * Shows frames of one colour each, flipping between two buffers on the first monitor that is plugged in, and holds the last one,
 * 0x3060C0, until its input ends. Says how long the flips took: each from the page flip until a fence behind it on the control queue
 * has signalled, which is when a guest's next frame can be on its way; and what such a fence takes alone. Without 3D there
 * are no such fences, and flips end with the kernel's event.
 */
#include "kms.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define LAST_COLOUR 0x3060C0
#define PATIENCE_MS 60000
#define MOST_FLIPS  1000

struct buffer {
    uint32_t fb, *pixels;
    uint64_t size;
};

static int card;
static int has_fences = 1;

static void fail(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    printf("flipguest: ");
    vprintf(format, list);
    printf("\n");
    va_end(list);
    exit(1);
}

static void call(unsigned long number, void *argument, const char *name)
{
    while (ioctl(card, number, argument) != 0)
        if (errno != EINTR && errno != EAGAIN)
            fail("%s: %s", name, strerror(errno));
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void await(int file, const char *what)
{
    struct pollfd ready = {file, POLLIN, 0};
    if (poll(&ready, 1, PATIENCE_MS) != 1)
        fail("%s does not come", what);
}

/* The first connected connector with the mode that its monitor prefers, and the first CRTC. */
static void find_monitor(uint32_t *connector, uint32_t *crtc, struct drm_mode_modeinfo *mode)
{
    uint32_t connectors[16], crtcs[16];
    struct drm_mode_card_res all = {0};
    all.connector_id_ptr = (uintptr_t)connectors;
    all.crtc_id_ptr = (uintptr_t)crtcs;
    all.count_connectors = all.count_crtcs = 16;
    call(DRM_IOCTL_MODE_GETRESOURCES, &all, "GETRESOURCES");
    for (uint32_t i = 0; i < all.count_connectors && i < 16; i++) {
        struct drm_mode_get_connector asked = {.connector_id = connectors[i]};
        call(DRM_IOCTL_MODE_GETCONNECTOR, &asked, "GETCONNECTOR");
        if (asked.connection != DRM_MODE_CONNECTED || !asked.count_modes)
            continue;
        struct drm_mode_modeinfo *modes = calloc(asked.count_modes, sizeof *modes);
        struct drm_mode_get_connector again = {
            .connector_id = connectors[i], .modes_ptr = (uintptr_t)modes, .count_modes = asked.count_modes};
        call(DRM_IOCTL_MODE_GETCONNECTOR, &again, "GETCONNECTOR");
        *mode = modes[0];
        *connector = connectors[i];
        *crtc = crtcs[0];
        free(modes);
        return;
    }
    fail("no monitor");
}

static struct buffer make_buffer(const struct drm_mode_modeinfo *mode)
{
    struct drm_mode_create_dumb made = {.width = mode->hdisplay, .height = mode->vdisplay, .bpp = 32};
    call(DRM_IOCTL_MODE_CREATE_DUMB, &made, "CREATE_DUMB");
    struct drm_mode_fb_cmd fb = {
        .width = mode->hdisplay, .height = mode->vdisplay, .pitch = made.pitch, .bpp = 32, .depth = 24, .handle = made.handle};
    call(DRM_IOCTL_MODE_ADDFB, &fb, "ADDFB");
    struct drm_mode_map_dumb map = {.handle = made.handle};
    call(DRM_IOCTL_MODE_MAP_DUMB, &map, "MAP_DUMB");
    void *memory = mmap(0, made.size, PROT_READ | PROT_WRITE, MAP_SHARED, card, map.offset);
    if (memory == MAP_FAILED)
        fail("mmap: %s", strerror(errno));
    return (struct buffer){fb.fb_id, memory, made.size};
}

static void fill(const struct buffer *buffer, uint32_t colour)
{
    for (uint64_t i = 0; i < buffer->size / 4; i++)
        buffer->pixels[i] = colour;
}

/* Waits for a command of virgl's that does nothing, and so for all that is before it. */
static void wait_for_fence(void)
{
    uint32_t nop = 0;
    struct drm_virtgpu_execbuffer submit = {
        .flags = VIRTGPU_EXECBUF_FENCE_FD_OUT, .size = sizeof nop, .command = (uintptr_t)&nop, .fence_fd = -1};
    if (!has_fences)
        return;
    if (ioctl(card, DRM_IOCTL_VIRTGPU_EXECBUFFER, &submit) != 0) {
        has_fences = 0;
        return;
    }
    await(submit.fence_fd, "a fence");
    close(submit.fence_fd);
}

static void flip(uint32_t crtc, const struct buffer *buffer)
{
    char event[256];
    struct drm_mode_crtc_page_flip request = {.crtc_id = crtc, .fb_id = buffer->fb, .flags = DRM_MODE_PAGE_FLIP_EVENT};
    call(DRM_IOCTL_MODE_PAGE_FLIP, &request, "PAGE_FLIP");
    wait_for_fence();
    await(card, "the event of a flip");
    if (read(card, event, sizeof event) < 0)
        fail("read: %s", strerror(errno));
}

static int compare(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return difference < 0 ? -1 : difference > 0;
}

/* Sorts the times on the way. */
static double share(double *times, int count, double part)
{
    qsort(times, count, sizeof *times, compare);
    return times[(int)(part * (count - 1))];
}

int main(int argc, char **argv)
{
    static double flips[MOST_FLIPS], fences[MOST_FLIPS];
    int count = argc > 1 ? atoi(argv[1]) : 0;
    if (count < 1 || count > MOST_FLIPS)
        fail("usage: flipguest FLIPS, 1 to %d", MOST_FLIPS);
    setvbuf(stdout, 0, _IOLBF, 0);
    card = open("/dev/dri/card0", O_RDWR | O_CLOEXEC);
    if (card < 0)
        fail("/dev/dri/card0: %s", strerror(errno));

    uint32_t connector, crtc;
    struct drm_mode_modeinfo mode;
    find_monitor(&connector, &crtc, &mode);
    struct buffer buffers[] = {make_buffer(&mode), make_buffer(&mode)};
    fill(&buffers[0], 0);
    struct drm_mode_crtc set = {
        .set_connectors_ptr = (uintptr_t)&connector, .count_connectors = 1, .crtc_id = crtc, .fb_id = buffers[0].fb,
        .mode_valid = 1, .mode = mode};
    call(DRM_IOCTL_MODE_SETCRTC, &set, "SETCRTC");
    wait_for_fence();
    printf("flipguest: begins, %ux%u\n", mode.hdisplay, mode.vdisplay);

    double began = now();
    for (int i = 0; i < count; i++) {
        const struct buffer *next = &buffers[(i + 1) % 2];
        fill(next, i == count - 1 ? LAST_COLOUR : (i % 3 == 0 ? 0x800000 : i % 3 == 1 ? 0x008000 : 0x000080));
        double start = now();
        flip(crtc, next);
        flips[i] = now() - start;
    }
    double took = (now() - began) / 1e3;
    for (int i = 0; i < count; i++) {
        double start = now();
        wait_for_fence();
        fences[i] = now() - start;
    }

    printf("flipguest: %d flips, %.2f per second, flip %.2f %.2f ms, fence %.2f %.2f ms\n", count, count / took,
           share(flips, count, 0.5), share(flips, count, 0.9), share(fences, count, 0.5), share(fences, count, 0.9));
    while (getchar() != EOF)
        ;
    printf("flipguest: ends\n");
    return 0;
}
