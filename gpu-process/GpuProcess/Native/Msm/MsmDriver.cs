using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using static SplitVmm.GpuProcess.Native.Msm.MsmUapi;

namespace SplitVmm.GpuProcess.Native.Msm;

/// <summary>Qualcomm's GPUs (kernel driver <c>msm</c>, Mesa's Freedreno and Turnip).</summary>
internal sealed class MsmDriver : NativeDriver
{
    private const uint WireFormat = 2;

    /// <summary>Rings that virtio-gpu has for a context, less the processor's.</summary>
    private const uint MaxPriorities = 63;

    private MsmCapset _capset;

    public override string Name => "msm";

    public override byte[]? Probe(IDrmFile file, IDrmDevice device, out string why)
    {
        if (device.Version.Minor < MinorWithFenceNumbers)
        {
            why = "is too old: it needs Linux 6.0 or newer, whose fences have the guest's numbers (MSM_SUBMIT_FENCE_SN_IN)";
            return null;
        }

        _capset = new MsmCapset
        {
            Priorities = (uint)Math.Min(Param(file, MSM_PARAM_PRIORITIES), MaxPriorities),
            VaStart = Param(file, MSM_PARAM_VA_START),
            VaSize = Param(file, MSM_PARAM_VA_SIZE),
            GpuId = (uint)Param(file, MSM_PARAM_GPU_ID),
            GmemSize = (uint)Param(file, MSM_PARAM_GMEM_SIZE),
            GmemBase = Param(file, MSM_PARAM_GMEM_BASE),
            ChipId = Param(file, MSM_PARAM_CHIP_ID),
            MaxFreq = (uint)Param(file, MSM_PARAM_MAX_FREQ),
            HighestBankBit = (uint)Param(file, MSM_PARAM_HIGHEST_BANK_BIT),
            UbwcSwizzle = Param(file, MSM_PARAM_UBWC_SWIZZLE),
            MacrotileMode = Param(file, MSM_PARAM_MACROTILE_MODE),
            HasRaytracing = Word(Param(file, MSM_PARAM_RAYTRACING) != 0),
            UcheTrapBase = Param(file, MSM_PARAM_UCHE_TRAP_BASE),
            HasCachedCoherent = HasCachedCoherent(file) ? 1u : 0,
        };
        _capset.HasPreemption = Word(HasPreemption(file, _capset.Priorities));
        if (_capset.VaSize == 0 || _capset.Priorities == 0)
        {
            why = "does not let user space choose addresses on the GPU: it needs a GPU with an address space for each process";
            return null;
        }

        why = "";
        byte[] capset = new byte[Unsafe.SizeOf<DrmCapset>() + Unsafe.SizeOf<MsmCapset>()];
        MemoryMarshal.Write(capset, Capset(DrmCapset.VIRTGPU_DRM_CONTEXT_MSM, WireFormat, device.Version));
        MemoryMarshal.Write(capset.AsSpan(Unsafe.SizeOf<DrmCapset>()), _capset);
        return capset;
    }

    public override NativeContext CreateContext(NativeContextSetup setup) => new MsmContext(setup, _capset);

    private static uint Word(bool value) => value ? MsmCapset.VIRTGPU_CAP_BOOL_TRUE : MsmCapset.VIRTGPU_CAP_BOOL_FALSE;

    /// <returns>0 where the kernel does not know it.</returns>
    private static ulong Param(IDrmFile file, uint param)
    {
        var request = new DrmMsmParam { Pipe = MSM_PIPE_3D0, Param = param };
        return file.Ioctl(DRM_IOCTL_MSM_GET_PARAM, ref request) == 0 ? request.Value : 0;
    }

    private static bool HasCachedCoherent(IDrmFile file)
    {
        var request = new DrmMsmGemNew { Size = 4096, Flags = MSM_BO_CACHED_COHERENT };
        return file.Ioctl(DRM_IOCTL_MSM_GEM_NEW, ref request) == 0 && file.CloseGem(request.Handle) == 0;
    }

    private static bool HasPreemption(IDrmFile file, uint priorities)
    {
        var request = new DrmMsmSubmitqueue { Flags = MSM_SUBMITQUEUE_ALLOW_PREEMPT, Prio = priorities / 2 };
        return file.Ioctl(DRM_IOCTL_MSM_SUBMITQUEUE_NEW, ref request) == 0
            && file.Ioctl(DRM_IOCTL_MSM_SUBMITQUEUE_CLOSE, ref request.Id) == 0;
    }
}
