/*
 * blk: a virtio-blk device, for peers that are block back ends. Reports the CRC of the first sectors, which
 * a host can compare; with write=1 it also writes a pattern over them, flushes, and reads it back.
 */
#include "core/cmdline.h"
#include "core/crc32.h"
#include "core/memory.h"
#include "core/report.h"
#include "fuzz/random.h"
#include "tests/tests.h"
#include "virtio/virtqueue.h"

#define VIRTIO_BLK_F_FLUSH (1ul << 9)
#define VIRTIO_BLK_T_IN    0
#define VIRTIO_BLK_T_OUT   1
#define VIRTIO_BLK_T_FLUSH 4
#define VIRTIO_BLK_S_OK    0
#define VIRTIO_BLK_S_IOERR 1
#define SECTOR             512
#define DEFAULT_SECTORS    64
#define NO_ANSWER          0xff
#define ANSWER_MS          10000

struct virtio_blk_outhdr {
    uint32_t type;
    uint32_t ioprio;
    uint64_t sector;
};

struct disk {
    struct virtio_device device;
    struct virtqueue queue;
    struct virtio_blk_outhdr header;
    volatile uint8_t status;
};

static uint8_t transfer(struct disk *disk, uint32_t type, uint64_t sector, void *data, uint32_t length)
{
    struct virtq_buffer buffers[3] = {{(uint64_t)&disk->header, sizeof disk->header}};
    uint16_t readable = 1, writable = 0, head;
    disk->header = (struct virtio_blk_outhdr){type, 0, sector};
    disk->status = NO_ANSWER;
    if (type == VIRTIO_BLK_T_OUT)
        buffers[readable++] = (struct virtq_buffer){(uint64_t)data, length};
    else if (type == VIRTIO_BLK_T_IN)
        buffers[readable + writable++] = (struct virtq_buffer){(uint64_t)data, length};
    buffers[readable + writable++] = (struct virtq_buffer){(uint64_t)&disk->status, 1};
    virtqueue_add(&disk->queue, buffers, readable, writable, NULL);
    virtqueue_kick(&disk->queue);
    return virtqueue_wait(&disk->queue, &head, NULL, ANSWER_MS) ? disk->status : NO_ANSWER;
}

static void expect_status(struct disk *disk, uint8_t wanted, uint32_t type, uint64_t sector, void *data,
                          uint32_t length)
{
    uint8_t got = transfer(disk, type, sector, data, length);
    check(got == wanted, "request %u at sector %lu expected status %u got %u", type, sector, wanted, got);
}

static void write_and_read_back(struct disk *disk, uint8_t *data, uint32_t bytes)
{
    uint8_t *pattern = memory_allocate(bytes, SECTOR);
    struct random random = random_seeded(cmdline_number("seed", 1));
    random_fill(&random, pattern, bytes);
    expect_status(disk, VIRTIO_BLK_S_OK, VIRTIO_BLK_T_OUT, 0, pattern, bytes);
    if (disk->device.features & VIRTIO_BLK_F_FLUSH)
        expect_status(disk, VIRTIO_BLK_S_OK, VIRTIO_BLK_T_FLUSH, 0, NULL, 0);
    memset(data, 0, bytes);
    expect_status(disk, VIRTIO_BLK_S_OK, VIRTIO_BLK_T_IN, 0, data, bytes);
    check(memcmp(data, pattern, bytes) == 0, "sectors read back expected as written");
    report_info("blk written crc32=%08x", crc32(0, pattern, bytes));
}

void test_blk(void)
{
    static struct disk disk;
    const struct pci_function *function = virtio_find(VIRTIO_ID_BLOCK, 0);
    if (!function) {
        report_skip("no virtio-blk");
        return;
    }
    if (!check(virtio_open(&disk.device, function) && virtio_negotiate(&disk.device, VIRTIO_BLK_F_FLUSH) &&
                   virtqueue_setup(&disk.queue, &disk.device, 0, 0, VIRTIO_MSI_NO_VECTOR),
               "virtio-blk expected to come up")) {
        report_end("unreachable");
        return;
    }
    virtio_driver_ok(&disk.device);
    uint64_t capacity =
        virtio_config_read32(&disk.device, 0) | (uint64_t)virtio_config_read32(&disk.device, 4) << 32;
    uint32_t sectors = (uint32_t)cmdline_number("sectors", DEFAULT_SECTORS);
    if (check(capacity >= sectors, "capacity expected >=%u sectors got %lu", sectors, capacity)) {
        uint8_t *data = memory_allocate(sectors * SECTOR, SECTOR);
        expect_status(&disk, VIRTIO_BLK_S_OK, VIRTIO_BLK_T_IN, 0, data, sectors * SECTOR);
        report_info("blk sectors=%u crc32=%08x", sectors, crc32(0, data, sectors * SECTOR));
        expect_status(&disk, VIRTIO_BLK_S_OK, VIRTIO_BLK_T_IN, capacity - 1, data, SECTOR);
        expect_status(&disk, VIRTIO_BLK_S_IOERR, VIRTIO_BLK_T_IN, capacity, data, SECTOR);
        if (cmdline_flag("write"))
            write_and_read_back(&disk, data, sectors * SECTOR);
    }
    check(virtio_reset(&disk.device), "virtio-blk status after reset expected 0");
    report_end("capacity=%lu", capacity);
}
