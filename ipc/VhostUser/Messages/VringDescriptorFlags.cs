namespace SplitVmm.VhostUser.Messages;

/// <summary>The 64-bit payload of SET_VRING_KICK, SET_VRING_CALL and SET_VRING_ERR.</summary>
public static class VringDescriptorFlags
{
    /// <summary>Bits 0 to 7: the vring index.</summary>
    public const ulong VHOST_USER_VRING_IDX_MASK = 0xFF;

    /// <summary>Bit 8: no descriptor comes with the message.</summary>
    public const ulong VHOST_USER_VRING_NOFD_MASK = 1 << 8;

    /// <summary>The feature bit 30 of GET_FEATURES by which a back end says that it has protocol features.</summary>
    public const ulong VHOST_USER_F_PROTOCOL_FEATURES = 1UL << 30;
}
