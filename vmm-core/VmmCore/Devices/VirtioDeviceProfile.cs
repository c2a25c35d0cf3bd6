using SplitVmm.Virtio.Constants;

namespace SplitVmm.VmmCore.Devices;

/// <summary>
/// What a front end must know of a device type to present it, because vhost-user does not say it: numbers only,
/// no behaviour.
/// </summary>
/// <param name="Queues">Number of queues; null: as many as the back end has.</param>
/// <param name="ConfigLength">
/// Bytes of configuration without the fields of rare features: back ends refuse to read more than they have.
/// </param>
internal readonly record struct VirtioDeviceProfile(int? Queues, int ConfigLength)
{
    /// <summary>For most types a size at which no driver runs dry and the rings stay within two pages.</summary>
    public const ushort QueueSize = 256;

    /// <summary>By virtio 1.3 sections 5.1 to 5.20; a type not listed here has as many queues as it says and no configuration.</summary>
    public static VirtioDeviceProfile Of(VirtioDeviceId type) => type switch
    {
        VirtioDeviceId.Network => new(2, 12),
        VirtioDeviceId.Block => new(null, 60),
        VirtioDeviceId.Console => new(2, 12),
        VirtioDeviceId.Entropy => new(1, 0),
        VirtioDeviceId.ScsiHost => new(null, 36),
        VirtioDeviceId.Gpu => new(2, 16),
        VirtioDeviceId.Input => new(2, 136),
        VirtioDeviceId.Socket => new(3, 8),
        VirtioDeviceId.Crypto => new(null, 56),
        VirtioDeviceId.Sound => new(4, 12),
        VirtioDeviceId.FileSystem => new(null, 40),
        _ => new(null, 0),
    };
}
