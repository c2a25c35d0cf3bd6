using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// The device-specific configuration (virtio 1.3 sections 2.5 and 4.1.4.6). The region is as long as the device's
/// configuration, so that every access lies inside.
/// </summary>
internal sealed class DeviceConfigRegion(VirtioTransport transport) : IMmioRegion
{
    public void Read(ulong offset, Span<byte> data)
    {
        lock (transport.Gate)
        {
            transport.ReadDeviceConfig((int)offset, data);
        }
    }

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        lock (transport.Gate)
        {
            transport.Device.WriteConfig((int)offset, data);
        }
    }
}
