using SplitVmm.Virtio.Constants;

namespace SplitVmm.VmmCore.Devices;

/// <summary>What the user says of a vhost-user device. Null: the usual value for the type.</summary>
/// <param name="Type">Which virtio device the back end implements; the protocol itself does not tell.</param>
public sealed record VhostUserDeviceOptions(VirtioDeviceId Type)
{
    /// <summary>Number of queues.</summary>
    public int? Queues { get; init; }

    /// <summary>Largest size of each queue, a power of two.</summary>
    public ushort? QueueSize { get; init; }

    /// <summary>Bytes of device-specific configuration.</summary>
    public int? ConfigLength { get; init; }

    /// <summary>
    /// The configuration itself, for back ends that leave it to the front end, as virtiofsd does with its tag. It
    /// is then read-only.
    /// </summary>
    public ReadOnlyMemory<byte>? Config { get; init; }

    /// <summary>
    /// A back end that dies will be followed by another (<see cref="VhostUserDevice.Reconnect"/>). Of effect only if
    /// the back end keeps an in-flight table.
    /// </summary>
    public bool Recoverable { get; init; }

    /// <summary>How long one request to the back end may take before it counts as hung.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);
}
