/* What the program does with each kernel driver's protocol. */
#pragma once

#include "session.h"

#define RINGS_USED  2
#define OBJECT_SIZE 0x10000

/* A context of the guest's driver in a session: its queues, address spaces and numbers. */
struct device {
    struct session session;
    uint32_t space, queues[RINGS_USED], fences[RINGS_USED], blobs;
};

struct driver {
    const char *name;
    uint32_t context_type;

    /* Bytes of the page in front of the answers. */
    uint32_t page_header;

    /* Where its counter of errors is in the page; 0: it has none. */
    uint32_t errors_at;

    /* Asks for parameters and makes what submissions need. */
    void (*begin)(struct device *device);
    struct object (*create)(struct device *device);

    /* Makes an object of another context usable here. */
    void (*take)(struct device *device, struct object object);
    int (*submit)(struct device *device, struct object object, int ring, int fence);

    /* Asks the host whether a ring's work, which is complete, is complete. */
    void (*query)(struct device *device, struct object object, int ring);
    void (*end)(struct device *device);
};

extern const struct driver asahi_driver, msm_driver, amdgpu_driver, i915_driver;
