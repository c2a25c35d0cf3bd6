using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;

namespace SplitVmm.GpuProcess.Native.Asahi;

/// <summary>Apple's GPUs (kernel driver <c>asahi</c>).</summary>
internal sealed class AsahiDriver : NativeDriver
{
    private const uint WireFormat = 2;

    public override string Name => "asahi";

    public override byte[]? Probe(IDrmFile file, IDrmDevice device, out string why)
    {
        why = "";
        byte[] capset = new byte[Unsafe.SizeOf<DrmCapset>()];
        MemoryMarshal.Write(capset, Capset(DrmCapset.VIRTGPU_DRM_CONTEXT_ASAHI, WireFormat, device.Version));
        return capset;
    }

    public override NativeContext CreateContext(NativeContextSetup setup) => new AsahiContext(setup);
}
