/*
 * A libvirglrenderer that refuses every third fence and does everything else as the real one, which it is linked to
 * under the name libvirglrenderer-real.so. The library reports such errors as positive and as negative numbers.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define EVERY 3

int virgl_renderer_create_fence(int fence, uint32_t context);
int virgl_renderer_context_create_fence(uint32_t context, uint32_t flags, uint32_t ring, uint64_t fence);

/* Of both kinds together. One thread makes all calls of the library. */
static unsigned calls;

static int refusal(void)
{
    calls++;
    if (calls % EVERY != 0)
        return 0;
    return calls % 2 ? ENOMEM : -EINVAL;
}

static void *real(const char *name)
{
    void *library = dlopen("libvirglrenderer-real.so", RTLD_NOW | RTLD_NOLOAD);
    void *function = library ? dlsym(library, name) : NULL;
    if (!function)
        abort();
    return function;
}

int virgl_renderer_create_fence(int fence, uint32_t context)
{
    int (*create)(int, uint32_t) = real(__func__);
    int error = refusal();
    return error ? error : create(fence, context);
}

int virgl_renderer_context_create_fence(uint32_t context, uint32_t flags, uint32_t ring, uint64_t fence)
{
    int (*create)(uint32_t, uint32_t, uint32_t, uint64_t) = real(__func__);
    int error = refusal();
    return error ? error : create(context, flags, ring, fence);
}
