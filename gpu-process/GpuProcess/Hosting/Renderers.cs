using SplitVmm.Diagnosis;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Software;
using SplitVmm.GpuProcess.Virgl;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Sandbox;

namespace SplitVmm.GpuProcess.Hosting;

/// <summary>Starts what <c>--gpu</c> asks for, and no library beyond that.</summary>
internal static class Renderers
{
    /// <param name="venus">Connection to <c>virgl_render_server</c>, null where there is none; stays the caller's.</param>
    /// <param name="retired">Null exactly if nothing of 3D is offered.</param>
    /// <exception cref="VirglException">virglrenderer cannot do it.</exception>
    /// <exception cref="NativeException">There is no device for native contexts.</exception>
    public static IRenderer Start(
        GpuProcessOptions options, Descriptor? venus, EventLoop loop, RetiredFences? retired, GuestLog log)
    {
        if (retired is null)
        {
            return new SoftwareRenderer();
        }

        GpuOptions gpu = options.Gpu with { DrmNode = NodeOf(options.Gpu.DrmNode) };
        if (gpu.Native != NativeProvider.Builtin || !gpu.Offered.HasFlag(ContextTypes.Drm))
        {
            return VirglRenderer.Start(gpu.DrmNode, gpu.Offered, venus, retired, log.Write);
        }

        NativeRenderer native = StartNative(options, gpu, loop, retired, log);
        ContextTypes others = gpu.Offered & ~ContextTypes.Drm;
        try
        {
            return others == ContextTypes.None
                ? options.NativeRecorder?.Invoke(native) ?? native
                : new RendererPair<VirglRenderer>(VirglRenderer.Start(gpu.DrmNode, others, venus, retired, log.Write), native);
        }
        catch
        {
            native.Dispose();
            throw;
        }
    }

    private static string? NodeOf(string? name)
    {
        string why = "";
        return name is null ? null : DrmNodeName.Find(name, out why) ?? throw new NativeException($"--gpu drm_node={name} {why}");
    }

    private static NativeRenderer StartNative(GpuProcessOptions options, GpuOptions gpu, EventLoop loop, RetiredFences retired, GuestLog log)
    {
        var limits = new NativeLimits { MaxBytes = gpu.MaxGpumem };
        // Outside a cage a file can be opened whenever a context needs one.
        int spares = options.Sandbox == ProcessSandbox.None ? 1 : limits.SpareFiles;
        IDrmDevice device = options.NativeDevice
            ?? KernelDrmDevice.Open(gpu.DrmNode, [.. NativeDrivers.Create().Select(driver => driver.Name)], spares);
        return NativeRenderer.Start(device, loop, retired, limits, log);
    }
}
