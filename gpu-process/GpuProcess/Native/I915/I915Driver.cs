using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;

namespace SplitVmm.GpuProcess.Native.I915;

/// <summary>Intel's GPUs (kernel driver <c>i915</c>).</summary>
internal sealed class I915Driver : NativeDriver
{
    private const uint WireFormat = 1;

    public override string Name => "i915";

    public override byte[]? Probe(IDrmFile file, IDrmDevice device, out string why)
    {
        // Mesa knows these GPUs by their PCI ids alone.
        if (device.Pci is not { } pci)
        {
            why = "does not say which PCI device it is: /sys has to be readable";
            return null;
        }

        why = "";
        byte[] capset = new byte[Unsafe.SizeOf<DrmCapset>() + Unsafe.SizeOf<I915Capset>()];
        MemoryMarshal.Write(capset, Capset(DrmCapset.VIRTGPU_DRM_CONTEXT_I915, WireFormat, device.Version));
        MemoryMarshal.Write(capset.AsSpan(Unsafe.SizeOf<DrmCapset>()), new I915Capset
        {
            PciBus = pci.Bus,
            PciDev = pci.Device,
            PciFunc = pci.Function,
            PciRevisionId = pci.Revision,
            PciDomain = pci.Domain,
            PciDeviceId = pci.DeviceId,
        });
        return capset;
    }

    public override NativeContext CreateContext(NativeContextSetup setup) => new I915Context(setup);
}
