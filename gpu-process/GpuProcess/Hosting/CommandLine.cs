using System.CommandLine;
using System.CommandLine.Parsing;
using SplitVmm.GpuProcess.Options;
using SplitVmm.Hosting;

namespace SplitVmm.GpuProcess.Hosting;

/// <summary>The options of docs/architecture.md.</summary>
public static class CommandLine
{
    private static readonly Option<int?> s_vhostUserFd = DescriptorOption.Create("--vhost-user-fd", "Inherited vhost-user socket");

    private static readonly Option<string?> s_vhostUserListen = new("--vhost-user-listen")
    {
        Description = "Listen for vhost-user front ends on a path, and serve one after another",
        HelpName = "PATH",
    };

    private static readonly Option<int?> s_displayFd = DescriptorOption.Create("--display-fd", "Inherited display wire");

    private static readonly Option<int?> s_controlFd = DescriptorOption.Create("--control-fd", "Inherited control connection");

    private static readonly Option<int?> s_plugFd = DescriptorOption.Create("--plug-fd", "Inherited plug wire, over which a new display wire may come");

    private static readonly Option<int?> s_journalFd = DescriptorOption.Create("--journal-fd", "Inherited memfd, the same for each process that serves one machine: state that outlives a crash");

    private static readonly Option<int?> s_venusFd = DescriptorOption.Create("--venus-fd", "Inherited connection (SOCK_SEQPACKET) to virgl_render_server, for --gpu venus=on");

    private static readonly Option<GpuOptions?> s_gpu = new("--gpu")
    {
        Description = $"The device: {string.Join(", ", GpuOptionsParser.Keys)}",
        HelpName = "key=value,...",
        CustomParser = ParseGpu,
    };

    /// <summary>Parses, or answers the user.</summary>
    /// <param name="exitStatus">If null is returned: 0 for help, 2 for wrong usage, which was explained on standard error.</param>
    public static GpuProcessOptions? Parse(string[] arguments, out int exitStatus)
    {
        var root = new RootCommand("Renders for a SplitVmm machine: virtio-gpu behind vhost-user. Started by splitvmm, or alone.")
        {
            s_vhostUserFd, s_vhostUserListen, s_displayFd, s_controlFd, s_plugFd, s_journalFd, s_venusFd, s_gpu,
        };
        root.Validators.Add(RequireOneFrontEnd);
        return ProcessArguments.Parse("gpu-process", "", root, arguments, Options, out exitStatus);
    }

    private static GpuProcessOptions Options(ParseResult result) => new()
    {
        VhostUserFd = result.GetValue(s_vhostUserFd),
        VhostUserPath = result.GetValue(s_vhostUserListen),
        DisplayFd = result.GetValue(s_displayFd),
        ControlFd = result.GetValue(s_controlFd),
        PlugFd = result.GetValue(s_plugFd),
        JournalFd = result.GetValue(s_journalFd),
        VenusFd = result.GetValue(s_venusFd),
        Gpu = result.GetValue(s_gpu) ?? new GpuOptions(),
    };

    private static void RequireOneFrontEnd(CommandResult result)
    {
        if (result.GetResult(s_vhostUserFd) is null == result.GetResult(s_vhostUserListen) is null)
        {
            result.AddError("give one of --vhost-user-fd N and --vhost-user-listen PATH");
        }
    }

    private static GpuOptions? ParseGpu(ArgumentResult result)
    {
        GpuOptions? options = GpuOptionsParser.Parse(result.Tokens[0].Value, out string? error);
        if (options is null)
        {
            result.AddError(error!);
        }

        return options;
    }
}
