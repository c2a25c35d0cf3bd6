/*
 * usage: nativeguest DRIVER ROUNDS
 * Speaks a DRM native context's protocol as Mesa's virtio back ends do. Each round makes an object, writes to
 * it through the window, submits work to two rings with fences between them, hands the object to a second
 * context, which reads what was written and submits work with it, and ends everything. Prints "nativeguest:
 * DRIVER did ROUNDS rounds" if all was right.
 */
#include "driver.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Contexts are made anew after so many rounds. */
#define ROUNDS_OF_CONTEXT 50
#define PATIENCE_MS       30000

static const struct driver *drivers[] = {&asahi_driver, &msm_driver, &amdgpu_driver, &i915_driver};

static void device_open(struct device *device, const struct driver *driver)
{
    session_open(&device->session, driver->context_type);
    if (device->session.answers != driver->page_header)
        fail("answers begin at %u, not %u", device->session.answers, driver->page_header);
    driver->begin(device);
}

static void device_close(struct device *device, const struct driver *driver)
{
    driver->end(device);
    uint32_t errors;
    memcpy(&errors, device->session.page + driver->errors_at, sizeof errors);
    if (driver->errors_at && errors)
        fail("the host has counted %u errors", errors);
    session_close(&device->session);
}

static void await(int fence)
{
    struct pollfd signalled = {fence, POLLIN, 0};
    if (poll(&signalled, 1, PATIENCE_MS) != 1)
        fail("a fence does not signal");
    close(fence);
}

static void round_trip(const struct driver *driver, struct device *own, struct device *other, uint32_t seed)
{
    struct object object = driver->create(own);
    uint32_t *memory = session_map(&own->session, object);
    for (uint32_t i = 0; i < object.size / sizeof *memory; i += 64)
        memory[i] = seed + i;

    int fence = driver->submit(own, object, 0, -1);
    fence = driver->submit(own, object, 1, fence);
    fence = driver->submit(own, object, 0, fence);
    await(fence);
    session_wait(&own->session, object);
    driver->query(own, object, 0);

    struct object imported =
        session_import(&other->session, session_export(&own->session, object), object.size);
    if (imported.resource != object.resource)
        fail("resource %u came over as %u", object.resource, imported.resource);
    driver->take(other, imported);
    uint32_t *same = session_map(&other->session, imported);
    for (uint32_t i = 0; i < object.size / sizeof *memory; i += 64)
        if (same[i] != seed + i)
            fail("word %u is %x in the second context, not %x", i, same[i], seed + i);
    await(driver->submit(other, imported, 1, -1));
    driver->query(other, imported, 1);

    munmap(same, object.size);
    munmap(memory, object.size);
    session_destroy(&other->session, imported);
    session_destroy(&own->session, object);
}

int main(int count, char **words)
{
    const struct driver *driver = NULL;
    for (size_t i = 0; count == 3 && i < sizeof drivers / sizeof *drivers; i++)
        if (!strcmp(words[1], drivers[i]->name))
            driver = drivers[i];
    if (!driver) {
        fprintf(stderr, "usage: nativeguest asahi|msm|amdgpu|i915 ROUNDS\n");
        return 2;
    }

    static struct device own, other;
    uint32_t rounds = (uint32_t)strtoul(words[2], NULL, 10);
    for (uint32_t i = 0; i < rounds; i++) {
        if (i % ROUNDS_OF_CONTEXT == 0) {
            device_open(&own, driver);
            device_open(&other, driver);
        }
        round_trip(driver, &own, &other, i * 0x10001);
        if (i % ROUNDS_OF_CONTEXT == ROUNDS_OF_CONTEXT - 1 || i == rounds - 1) {
            device_close(&other, driver);
            device_close(&own, driver);
        }
    }
    printf("nativeguest: %s did %u rounds\n", driver->name, rounds);
    return 0;
}
