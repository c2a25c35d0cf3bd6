using SplitVmm.VhostUser.Messages;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>
/// The form of one request: what the specification lets a front end send. Everything that can be checked without
/// knowing the state of the device is checked against this, in one place.
/// </summary>
/// <param name="MinPayload">Least bytes of payload.</param>
/// <param name="MaxPayload">Most bytes of payload.</param>
/// <param name="MinDescriptors">Least descriptors.</param>
/// <param name="MaxDescriptors">Most descriptors.</param>
/// <param name="Needs">Protocol feature without which the request is not to be sent.</param>
/// <param name="HasReply">Whether it is answered by itself, with or without REPLY_ACK.</param>
internal readonly record struct RequestRule(
    int MinPayload,
    int MaxPayload,
    int MinDescriptors,
    int MaxDescriptors,
    VhostUserProtocolFeatures Needs,
    bool HasReply)
{
    private const int U64 = 8;
    private const int VringState = 8;
    private const int VringAddr = 40;
    private const int MemoryHeader = 8;
    private const int MemoryRegion = 32;
    private const int SingleRegion = 40;
    private const int ConfigHeader = 12;

    /// <summary>False if this back end does not know the request.</summary>
    public static bool TryFind(VhostUserRequest request, out RequestRule rule)
    {
        RequestRule? found = request switch
        {
            VhostUserRequest.GET_FEATURES => Question(0),
            VhostUserRequest.SET_FEATURES => Order(U64),
            VhostUserRequest.SET_OWNER => Order(0),
            VhostUserRequest.RESET_OWNER => Order(0),
            VhostUserRequest.SET_MEM_TABLE => Order(MemoryHeader) with
            {
                MaxPayload = MemoryHeader + (VhostUserMemoryHeader.VHOST_MEMORY_BASELINE_NREGIONS * MemoryRegion),
                MaxDescriptors = VhostUserMemoryHeader.VHOST_MEMORY_BASELINE_NREGIONS,
            },
            VhostUserRequest.SET_VRING_NUM => Order(VringState),
            VhostUserRequest.SET_VRING_ADDR => Order(VringAddr),
            VhostUserRequest.SET_VRING_BASE => Order(VringState),
            VhostUserRequest.GET_VRING_BASE => Question(VringState),
            VhostUserRequest.SET_VRING_KICK => Order(U64) with { MaxDescriptors = 1 },
            VhostUserRequest.SET_VRING_CALL => Order(U64) with { MaxDescriptors = 1 },
            VhostUserRequest.SET_VRING_ERR => Order(U64) with { MaxDescriptors = 1 },
            VhostUserRequest.GET_PROTOCOL_FEATURES => Question(0),
            VhostUserRequest.SET_PROTOCOL_FEATURES => Order(U64),
            VhostUserRequest.GET_QUEUE_NUM => Question(0),
            VhostUserRequest.SET_VRING_ENABLE => Order(VringState),
            VhostUserRequest.SET_BACKEND_REQ_FD => Order(0) with
            {
                MaxPayload = U64,
                MinDescriptors = 1,
                MaxDescriptors = 1,
                Needs = VhostUserProtocolFeatures.BACKEND_REQ,
            },
            VhostUserRequest.GET_CONFIG => Question(ConfigHeader) with
            {
                MaxPayload = ConfigHeader + VhostUserConfigHeader.VHOST_USER_MAX_CONFIG_SIZE,
                Needs = VhostUserProtocolFeatures.CONFIG,
            },
            VhostUserRequest.SET_CONFIG => Order(ConfigHeader) with
            {
                MaxPayload = ConfigHeader + VhostUserConfigHeader.VHOST_USER_MAX_CONFIG_SIZE,
                Needs = VhostUserProtocolFeatures.CONFIG,
            },
            VhostUserRequest.GET_INFLIGHT_FD => Question(VhostUserInflight.PackedSize) with
            {
                MaxPayload = VhostUserInflight.PaddedSize,
                Needs = VhostUserProtocolFeatures.INFLIGHT_SHMFD,
            },
            VhostUserRequest.SET_INFLIGHT_FD => Order(VhostUserInflight.PackedSize) with
            {
                MaxPayload = VhostUserInflight.PaddedSize,
                MinDescriptors = 1,
                MaxDescriptors = 1,
                Needs = VhostUserProtocolFeatures.INFLIGHT_SHMFD,
            },
            VhostUserRequest.RESET_DEVICE => Order(0) with { Needs = VhostUserProtocolFeatures.RESET_DEVICE },
            VhostUserRequest.GET_MAX_MEM_SLOTS =>
                Question(0) with { Needs = VhostUserProtocolFeatures.CONFIGURE_MEM_SLOTS },
            VhostUserRequest.ADD_MEM_REG => Order(SingleRegion) with
            {
                MinDescriptors = 1,
                MaxDescriptors = 1,
                Needs = VhostUserProtocolFeatures.CONFIGURE_MEM_SLOTS,
            },
            // "For compatibility with existing incorrect implementations" one descriptor may come, to be closed.
            VhostUserRequest.REM_MEM_REG => Order(SingleRegion) with
            {
                MaxDescriptors = 1,
                Needs = VhostUserProtocolFeatures.CONFIGURE_MEM_SLOTS,
            },
            VhostUserRequest.SET_STATUS => Order(U64) with { Needs = VhostUserProtocolFeatures.STATUS },
            VhostUserRequest.GET_STATUS => Question(0) with { Needs = VhostUserProtocolFeatures.STATUS },
            VhostUserRequest.GET_SHMEM_CONFIG => Question(0) with { Needs = VhostUserProtocolFeatures.SHMEM },
            _ => null,
        };
        rule = found.GetValueOrDefault();
        return found is not null;
    }

    private static RequestRule Order(int payload) => new(payload, payload, 0, 0, VhostUserProtocolFeatures.None, false);

    private static RequestRule Question(int payload) => new(payload, payload, 0, 0, VhostUserProtocolFeatures.None, true);
}
