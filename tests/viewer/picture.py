"""What a listener shows: pixels of its own, shared memory, or a dma-buf."""

import contextlib
import fcntl
import mmap
import os
import struct
import zlib

BYTES_PER_PIXEL = 4
DMA_BUF_IOCTL_SYNC = 0x40086200
DMA_BUF_SYNC_READ, DMA_BUF_SYNC_END = 1, 4

# Where red, green and blue lie in the four bytes of a pixel, by the DRM format.
ORDERS = {b"XR24": (2, 1, 0), b"AR24": (2, 1, 0), b"XB24": (0, 1, 2), b"AB24": (0, 1, 2)}
XRGB8888 = int.from_bytes(b"XR24", "little")


class Picture:
    """Pixels, and where they lie."""

    def __init__(self, data, width, height, stride, offset=0, fourcc=XRGB8888, is_reversed=False, dma_buf=None):
        self.data = data
        self.width, self.height, self.stride, self.offset = width, height, stride, offset
        self.order = ORDERS[fourcc.to_bytes(4, "little")]
        self.is_reversed = is_reversed
        self.dma_buf = dma_buf

    @classmethod
    def of_memory(cls, memory, width, height, stride, **layout):
        """Maps memory, whose descriptor it closes."""
        return cls(map_memory(memory, width, height, stride, 0), width, height, stride, **layout)

    @classmethod
    def of_dma_buf(cls, memory, width, height, stride, offset, fourcc, is_reversed):
        """Maps a dma-buf, whose descriptor it keeps."""
        data = map_memory(memory, width, height, stride, offset)
        return cls(data, width, height, stride, offset, fourcc, is_reversed, dma_buf=memory)

    def close(self):
        if isinstance(self.data, mmap.mmap):
            self.data.close()
        if self.dma_buf is not None:
            os.close(self.dma_buf)

    def take(self, x, y, width, height, stride, data):
        """Puts pixels into a picture of ours."""
        for row in range(height):
            at = (y + row) * self.stride + x * BYTES_PER_PIXEL
            self.data[at:at + width * BYTES_PER_PIXEL] = data[row * stride:row * stride + width * BYTES_PER_PIXEL]

    def crc(self):
        colours = bytearray(self.width * 3)
        crc = 0
        rows = range(self.height)
        with self.reading():
            for row in reversed(rows) if self.is_reversed else rows:
                at = self.offset + row * self.stride
                line = self.data[at:at + self.width * BYTES_PER_PIXEL]
                for colour, byte in enumerate(self.order):
                    colours[colour::3] = line[byte::BYTES_PER_PIXEL]
                crc = zlib.crc32(colours, crc)
        return f"{crc:08x}"

    @contextlib.contextmanager
    def reading(self):
        """As the kernel wants dma-bufs to be read; memory of another kind, which tests hand out, knows nothing of it."""
        self.synchronise(DMA_BUF_SYNC_READ)
        yield
        self.synchronise(DMA_BUF_SYNC_READ | DMA_BUF_SYNC_END)

    def synchronise(self, flags):
        if self.dma_buf is not None:
            with contextlib.suppress(OSError):
                fcntl.ioctl(self.dma_buf, DMA_BUF_IOCTL_SYNC, struct.pack("Q", flags))


def map_memory(memory, width, height, stride, offset):
    length = offset + stride * (height - 1) + width * BYTES_PER_PIXEL
    return mmap.mmap(memory, length, mmap.MAP_SHARED, mmap.PROT_READ)
