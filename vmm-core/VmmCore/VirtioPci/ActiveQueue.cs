using SplitVmm.Platform.Descriptors;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>A queue as the driver has set it up. The eventfds belong to the transport and outlive the activation.</summary>
/// <param name="Index">The queue's number.</param>
/// <param name="Layout">Guest-physical addresses, not yet checked against guest memory.</param>
/// <param name="Kick">Signalled by the guest's doorbell.</param>
/// <param name="Call">To be signalled for a used-buffer notification.</param>
public sealed record ActiveQueue(int Index, SplitQueueLayout Layout, EventFd Kick, EventFd Call);
