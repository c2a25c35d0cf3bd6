/*
 * State of a fuzzing run. The device may be told to write only where that does not harm the guest: into its
 * scratch memory, or outside RAM altogether. Reading it may do anywhere.
 */
#ifndef MICROGUEST_FUZZ_FUZZ_H
#define MICROGUEST_FUZZ_FUZZ_H

#include "fuzz/random.h"
#include "gpu/device.h"

#define FUZZ_TABLE_ENTRIES 4096
/* Zeros behind the tables, as far as a 16-bit next can lead. */
#define FUZZ_TABLE_GUARD   65536
#define FUZZ_SCRATCH_BYTES (4 * ONE_MIB)
#define FUZZ_MAX_TARGETS   8

/* A device under attack, with queues that a reset makes clean again. */
struct fuzz_target {
    struct virtio_device *device;
    struct virtqueue *queues;
    uint32_t queue_count;
    uint64_t features;
};

struct fuzz {
    struct random random;
    uint64_t seed;
    /* The device is QEMU's: requests that it is known not to survive or answer are softened. */
    bool is_qemu;
    bool with_virgl;
    bool has_gpu;
    struct gpu gpu;
    struct fuzz_target targets[FUZZ_MAX_TARGETS]; /* the GPU first, if there is one */
    uint32_t target_count;
    /* Descriptor tables only, all made by fuzz_descriptor: whatever is read as one is harmless. */
    struct virtq_desc *tables;
    uint8_t *scratch;
    uint64_t safe_start, safe_end; /* scratch and all of the heap behind it */
    uint64_t operations, resets, needs_reset, unanswered, answered;
};

/* Whether a device may write this range. */
bool fuzz_may_write(const struct fuzz *fuzz, uint64_t address, uint64_t length);
/* An address and a length for a device to read, or to write. */
void fuzz_range(struct fuzz *fuzz, bool writable, uint64_t *address, uint32_t *length);
/* A descriptor of any kind, with next below or beyond limit. */
struct virtq_desc fuzz_descriptor(struct fuzz *fuzz, uint16_t limit);

/* Reset and set-up; a device that does not come back fails the test and ends it. */
bool fuzz_recover(struct fuzz *fuzz, struct fuzz_target *target);
/* Time for the device to look at what was kicked; true if it asks for a reset. */
bool fuzz_settle(struct fuzz *fuzz, struct fuzz_target *target, const struct virtqueue *queue);

/* One round of each kind. They return false when the device is beyond recovery. */
bool fuzz_commands(struct fuzz *fuzz);
bool fuzz_rings(struct fuzz *fuzz, struct fuzz_target *target);
bool fuzz_queue_setup(struct fuzz *fuzz, struct fuzz_target *target);
bool fuzz_common_config(struct fuzz *fuzz, struct fuzz_target *target);
bool fuzz_pci_config(struct fuzz *fuzz, struct fuzz_target *target);
bool fuzz_msix_table(struct fuzz *fuzz, struct fuzz_target *target);
bool fuzz_address_space(struct fuzz *fuzz);
bool fuzz_virgl(struct fuzz *fuzz);
/* Allocates what fuzz_virgl needs; before the scratch memory is laid out. */
void fuzz_virgl_init(void);

/* Builds a command; returns its length, at most capacity (256 or more). */
uint32_t fuzz_make_command(struct fuzz *fuzz, uint8_t *request, uint32_t capacity);

#endif
