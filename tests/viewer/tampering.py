"""What a viewer must not be able to do to shared memory."""

import ctypes
import errno
import fcntl
import mmap
import os

F_ADD_SEALS, F_SEAL_WRITE = 1033, 0x0008
FALLOC_FL_PUNCH_HOLE_KEEP_SIZE = 3


def tamper(memory, size):
    """Tries all of it; lists what could be done."""
    done = []
    for name, attempt in (
        ("map", lambda: mmap.mmap(memory, size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE).close()),
        ("write", lambda: os.pwrite(memory, b"tampered", 0)),
        ("shrink", lambda: os.ftruncate(memory, 4096)),
        ("grow", lambda: os.ftruncate(memory, size + 4096)),
        ("punch", lambda: punch(memory, size)),
        ("seal", lambda: fcntl.fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE)),
    ):
        try:
            attempt()
            done.append(name)
        except OSError as error:
            assert error.errno in (errno.EPERM, errno.EACCES, errno.EBUSY), error
    return done


def punch(memory, size):
    """Punches a hole, which is a way to write."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.fallocate(memory, FALLOC_FL_PUNCH_HOLE_KEEP_SIZE, ctypes.c_long(0), ctypes.c_long(size)) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")
