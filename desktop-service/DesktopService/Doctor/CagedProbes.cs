using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Interop;
using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.DesktopService.Text;
using SplitVmm.Diagnosis;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.DesktopService.Doctor;

/// <summary>The real processes, in the cages that <c>splitvmm run</c> would put them in.</summary>
internal sealed class CagedProbes : IProcessProbes, IDisposable
{
    // A probe of KVM takes two seconds at most; drivers of GPUs are given time to wake them up.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private const int MostBytes = 1 << 20;

    private readonly CageSet _host;
    private readonly CageSet? _gpu;
    private readonly string? _whyNoGpu;

    /// <param name="gpuRuntime">Root file system for gpu-process; null: the host's.</param>
    public CagedProbes(string? gpuRuntime)
    {
        _host = CageSet.Create(Options(null))!;
        try
        {
            _gpu = gpuRuntime is null ? _host : CageSet.Create(Options(gpuRuntime));
        }
        catch (IOException error)
        {
            _whyNoGpu = error.Message;
        }
    }

    public ProbeAnswer Ask(ProcessRole role, params string[] what)
    {
        if ((role == ProcessRole.Gpu ? _gpu : _host) is not { } cages)
        {
            return new ProbeAnswer(null, _whyNoGpu);
        }

        try
        {
            return role.IsOurs() ? Run(cages, role, [ProbeReport.Option, .. what]) : Imposed(role);
        }
        catch (IOException error)
        {
            return new ProbeAnswer(null, OneLine.Clean(error.Message));
        }
    }

    public void Dispose()
    {
        _host.Dispose();
        if (_gpu != _host)
        {
            _gpu?.Dispose();
        }
    }

    // A cage shows its process the file of the kernel. There is none here: this program's own file takes its place,
    // which harms nobody.
    private static RunOptions Options(string? gpuRuntime) => new()
    {
        Kernel = Environment.ProcessPath ?? "/bin/sh",
        GpuRuntime = gpuRuntime,
        Grace = TimeSpan.Zero,
    };

    private static ProbeAnswer Imposed(ProcessRole role)
    {
        SandboxReport report = CageSet.Imposed(role);
        return new ProbeAnswer(
            new ProbeReport().Add(ProbeFact.SystemCalls, report.SystemCalls).Add(ProbeFact.Landlock, report.LandlockAbi), null);
    }

    private static ProbeAnswer Run(CageSet cages, ProcessRole role, string[] arguments)
    {
        // Files in memory, not pipes: a process that says too much must not wait for a reader.
        using Descriptor nothing = OpenFile.Null();
        using MemFd output = MemFd.Create("splitvmm-probe-output", 0, Seals.None);
        using MemFd errors = MemFd.Create("splitvmm-probe-errors", 0, Seals.None);
        using ChildProcess child = cages.Start(role, new SpawnRequest(ProgramFolder.Find(role.Name()), arguments, [nothing, output, errors]));
        ExitStatus end = child.Reap(s_patience);
        var report = ProbeReport.Parse(Read(output));
        if (end.IsSuccess)
        {
            return new ProbeAnswer(report, null);
        }

        string said = OneLine.Clean(Read(errors).Trim().Split('\n')[^1]);
        return new ProbeAnswer(report, $"{role.Name()} {end} while it looked at the host{(said.Length > 0 ? ": " + said : "")}");
    }

    private static unsafe string Read(MemFd file)
    {
        _ = MemFd.TryGetSize(file, out long size);
        var bytes = new byte[Math.Min(size, MostBytes)];
        fixed (byte* buffer = bytes)
        {
            // The array is as long as what is asked for.
            nint count = Libc.pread(file, buffer, (nuint)bytes.Length, 0);
            return System.Text.Encoding.UTF8.GetString(bytes, 0, (int)Math.Max(count, 0));
        }
    }
}
