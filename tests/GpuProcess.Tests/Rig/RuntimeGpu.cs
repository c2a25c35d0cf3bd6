using System.Globalization;
using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>
/// The real gpu-process inside bubblewrap, in a Debian root that has virglrenderer and Mesa: what the host has
/// installed plays no part. Or, as <see cref="Host"/>, without bubblewrap and with the libraries and the GPU of the host.
/// </summary>
internal sealed partial class RuntimeGpu : IDisposable
{
    /// <summary>The image with virglrenderer 1.1.</summary>
    public const string Trixie = "gpu-runtime-trixie";

    /// <summary>The image with virglrenderer 1.3.</summary>
    public const string Forky = "gpu-runtime-forky";

    /// <summary>No image: what the host has.</summary>
    public const string Host = "host";

    private static readonly Lock s_spawning = new();

    private readonly ChildProgram _child;
    private readonly UnixSocket? _vhostUser;

    private RuntimeGpu(ChildProgram child, UnixSocket? vhostUser, string? socketPath, TestDisplay display, VenusServer? venus = null)
    {
        Venus = venus;
        _child = child;
        _vhostUser = vhostUser;
        SocketPath = socketPath;
        Display = display;
    }

    public TestDisplay Display { get; }

    /// <summary>The process that has the Vulkan contexts; null: it was not asked for.</summary>
    public VenusServer? Venus { get; }

    /// <summary>Where the process listens, if it was started by <see cref="Listen"/>.</summary>
    public string? SocketPath { get; }

    public string Errors => _child.StandardError;

    public bool HasExited => _child.HasExited;

    /// <summary>Starts a process with an inherited connection to this test.</summary>
    /// <param name="image">The Debian root to run in.</param>
    /// <param name="gpu">The value of <c>--gpu</c>.</param>
    /// <param name="environment">Further variables, NAME=VALUE.</param>
    public static RuntimeGpu Start(string image, string gpu = "", params string[] environment) =>
        StartWith(image, gpu, null, environment);

    /// <summary>The same, with a journal, which stays the caller's.</summary>
    public static RuntimeGpu StartWith(string image, string gpu, Descriptor? journal, params string[] environment)
    {
        Launch launch = LaunchIn(image, environment);
        (UnixSocket vhostUser, UnixSocket vhostUserEnd) = UnixSocket.CreateStreamPair();
        using (vhostUserEnd)
        {
            (ChildProgram child, TestDisplay display) = Spawn(launch, gpu, vhostUserEnd, journal);
            return new RuntimeGpu(child, vhostUser, null, display);
        }
    }

    /// <summary>The same beside a <c>virgl_render_server</c> of its own.</summary>
    /// <param name="journal">Null: none.</param>
    /// <param name="killed">The server is dead before the process starts.</param>
    public static RuntimeGpu StartWithVenus(string image, string gpu, Descriptor? journal = null, bool killed = false)
    {
        Launch launch = LaunchIn(image, []);
        (UnixSocket vhostUser, UnixSocket vhostUserEnd) = UnixSocket.CreateStreamPair();
        using (vhostUserEnd)
        {
            var venus = VenusServer.Start(image, s_spawning);
            if (killed)
            {
                venus.Kill();
            }

            using UnixSocket end = venus.TakeEnd();
            (ChildProgram child, TestDisplay display) = Spawn(launch, gpu, vhostUserEnd, journal, end);
            return new RuntimeGpu(child, vhostUser, null, display, venus);
        }
    }

    /// <summary>Starts a process that listens for front ends of others, on a socket in a folder.</summary>
    public static RuntimeGpu Listen(string image, string folder, string gpu)
    {
        Launch launch = LaunchIn(image, []);
        string path = Path.Combine(folder, "gpu");
        launch.Options.AddRange(["--bind", folder, "/tmp/sockets"]);
        (ChildProgram child, TestDisplay display) = Spawn(launch, gpu, null);
        var made = new RuntimeGpu(child, null, path, display);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(path) || child.HasExited, TimeSpan.FromSeconds(30)) && !child.HasExited, made.Errors);
        return made;
    }

    /// <summary>Runs a process that ends at its start.</summary>
    /// <param name="more">Further options of bubblewrap.</param>
    public static RunResult RunToEnd(string image, string gpu, params string[] more)
    {
        Launch launch = LaunchIn(image, []);
        string[] arguments = [.. launch.Options, .. more, launch.GpuProcess, "--vhost-user-listen", "/tmp/gpu", "--gpu", gpu];
        return ChildProgram.Run(launch.Program, arguments, TimeSpan.FromSeconds(60));
    }

    /// <summary>Connects the one guest that the process serves.</summary>
    public GpuGuest Connect(int memoryBytes = 64 << 20, bool keepsInflight = false)
    {
        try
        {
            return new GpuGuest(_vhostUser!, memoryBytes, keepsInflight);
        }
        catch (Xunit.Sdk.XunitException)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(Errors);
            throw;
        }
    }

    /// <summary>Connects a guest whose former process is dead.</summary>
    public void Reconnect(GpuGuest guest) => guest.Reconnect(_vhostUser!);

    /// <summary>Ends the process by a signal that it cannot see.</summary>
    public void Kill()
    {
        _child.Kill();
        _ = _child.WaitForExit(TimeSpan.FromSeconds(30));
    }

    /// <summary>Waits for the process's own end, after the guest has gone.</summary>
    public RunResult WaitForExit() => _child.WaitForExit(TimeSpan.FromSeconds(30));

    public void Dispose()
    {
        Display.Dispose();
        _vhostUser?.Dispose();
        _child.Dispose();
        Venus?.Dispose();
    }

    private static Launch LaunchIn(string image, string[] environment)
    {
        if (image == Host)
        {
            HostGpu.Require();
            return new Launch("/usr/bin/env", [.. environment], SourceTree.Executable("gpu-process"));
        }

        string root = Path.Combine(Needs.Image(image), "root");
        List<string> options =
        [
            "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--cap-drop", "ALL",
            "--die-with-parent", "--new-session", "--clearenv", "--setenv", "HOME", "/tmp",
            "--setenv", "MESA_SHADER_CACHE_DISABLE", "true", "--setenv", "GALLIUM_DRIVER", "llvmpipe",
            "--ro-bind", root, "/", "--tmpfs", "/tmp", "--dev", "/dev",
            "--ro-bind", SourceTree.Executable("gpu-process"), "/tmp/gpu-process",
        ];
        foreach (string variable in environment)
        {
            string[] parts = variable.Split('=', 2);
            options.AddRange(["--setenv", parts[0], parts[1]]);
        }

        return new Launch(Needs.Program("bwrap", "bubblewrap"), options, "/tmp/gpu-process");
    }

    private static (ChildProgram Child, TestDisplay Display) Spawn(
        Launch launch, string gpu, UnixSocket? vhostUser, Descriptor? journal = null, Descriptor? venus = null)
    {
        List<string> arguments = [.. launch.Options, launch.GpuProcess];
        (UnixSocket display, UnixSocket displayEnd) = UnixSocket.CreateSeqPacketPair();
        // Descriptors that a child is to inherit must not slip into one that another test starts meanwhile.
        lock (s_spawning)
        {
            using Descriptor? first = vhostUser is null ? null : Inheritable(vhostUser);
            using Descriptor second = Inheritable(displayEnd);
            using Descriptor? third = journal is null ? null : Inheritable(journal);
            using Descriptor? fourth = venus is null ? null : Inheritable(venus);
            arguments.AddRange(first is null
                ? ["--vhost-user-listen", "/tmp/sockets/gpu"]
                : ["--vhost-user-fd", Number(first)]);
            arguments.AddRange(["--display-fd", Number(second)]);
            if (third is not null)
            {
                arguments.AddRange(["--journal-fd", Number(third)]);
            }

            if (fourth is not null)
            {
                arguments.AddRange(["--venus-fd", Number(fourth)]);
            }

            if (gpu.Length > 0)
            {
                arguments.AddRange(["--gpu", gpu]);
            }

            ChildProgram child = ChildProgram.Start(launch.Program, arguments);
            displayEnd.Dispose();
            return (child, new TestDisplay(display));
        }
    }

    internal static string Number(Descriptor descriptor) => descriptor.Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A copy without close-on-exec.</summary>
    internal static Descriptor Inheritable(Descriptor descriptor)
    {
        int copy = dup(descriptor.Number);
        Assert.True(copy >= 0);
        return new Descriptor(copy);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup(int fd);

    /// <param name="Options">Of the program, before the path of gpu-process.</param>
    /// <param name="GpuProcess">Its path there.</param>
    private sealed record Launch(string Program, List<string> Options, string GpuProcess);
}
