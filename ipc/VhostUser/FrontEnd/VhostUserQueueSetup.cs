using SplitVmm.Platform.Descriptors;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.VhostUser.FrontEnd;

/// <summary>All that a back end must know of a queue to start it.</summary>
/// <param name="Layout">Size and guest-physical addresses, as the driver wrote them.</param>
/// <param name="NextAvailable">Where to go on in the available ring; 0 after a reset.</param>
/// <param name="Kick">Signalled when the driver has offered something.</param>
/// <param name="Call">The interrupt line; null if the driver polls.</param>
public readonly record struct VhostUserQueueSetup(SplitQueueLayout Layout, ushort NextAvailable, EventFd Kick, EventFd? Call);
