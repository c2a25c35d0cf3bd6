namespace SplitVmm.VhostUser.Messages;

/// <summary>
/// Protocol feature bits as masks (vhost-user specification, "Protocol features"), without the prefix
/// <c>VHOST_USER_PROTOCOL_F_</c>. Older texts say SLAVE for BACKEND.
/// </summary>
[Flags]
public enum VhostUserProtocolFeatures : ulong
{
    None = 0,
    MQ = 1UL << 0,
    LOG_SHMFD = 1UL << 1,
    RARP = 1UL << 2,
    REPLY_ACK = 1UL << 3,
    MTU = 1UL << 4,
    BACKEND_REQ = 1UL << 5,
    CROSS_ENDIAN = 1UL << 6,
    CRYPTO_SESSION = 1UL << 7,
    PAGEFAULT = 1UL << 8,
    CONFIG = 1UL << 9,
    BACKEND_SEND_FD = 1UL << 10,
    HOST_NOTIFIER = 1UL << 11,
    INFLIGHT_SHMFD = 1UL << 12,
    RESET_DEVICE = 1UL << 13,
    INBAND_NOTIFICATIONS = 1UL << 14,
    CONFIGURE_MEM_SLOTS = 1UL << 15,
    STATUS = 1UL << 16,
    XEN_MMAP = 1UL << 17,
    SHARED_OBJECT = 1UL << 18,
    DEVICE_STATE = 1UL << 19,
    SHMEM = 1UL << 22,
}
