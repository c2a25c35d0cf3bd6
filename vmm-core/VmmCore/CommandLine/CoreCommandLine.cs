using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SplitVmm.Hosting;
using SplitVmm.VmmCore.Hosting;

namespace SplitVmm.VmmCore.CommandLine;

/// <summary>The options of vmm-core (docs/architecture.md, "Command lines").</summary>
public sealed class CoreCommandLine
{
    private const string DefaultMemory = "1G";
    private const int LargestCpus = 255;

    private const string SerialOnTerminal = "stdio";

    private readonly Option<string> _kernel = new("--kernel")
    {
        Description = "kernel to boot: an ELF file with a PVH entry (vmlinux) or a bzImage",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string?> _initrd = new("--initrd") { Description = "initial RAM disk", HelpName = "FILE" };

    private readonly Option<string> _append = new("--append")
    {
        Description = "kernel command line",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<ulong> _memory = new("--memory")
    {
        Description = $"RAM, for example 512M or 4G (default {DefaultMemory})",
        HelpName = "SIZE",
        CustomParser = ParseMemory,
        DefaultValueFactory = _ => 1 << 30,
    };

    private readonly Option<int> _cpus = new("--cpus")
    {
        Description = "number of vCPUs (default 1)",
        HelpName = "N",
        CustomParser = ParseCpus,
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<string> _serial = new("--serial")
    {
        Description = "stdio: the serial port is on standard input and output (default); none: it is on nothing",
        HelpName = "stdio|none",
        CustomParser = ParseSerial,
        DefaultValueFactory = _ => SerialOnTerminal,
    };

    private readonly Option<VhostUserArgument[]> _vhostUser = new("--vhost-user")
    {
        Description = "a device in another process: type=gpu,fd=N or type=fs,path=SOCKET; may be repeated",
        HelpName = "type=T,fd=N",
        CustomParser = ParseVhostUser,
        DefaultValueFactory = _ => [],
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<int?> _inputFd = DescriptorOption.Create("--input-fd", "inherited end of the input wire");

    private readonly Option<bool> _touch = new("--touch") { Description = "the guest has a touch screen too" };

    private readonly Option<int?> _agentFd = DescriptorOption.Create("--agent-fd", "inherited end of the agent wire; the guest has a port for its agent then");

    private readonly Option<int?> _controlFd = DescriptorOption.Create("--control-fd", "inherited end of the control connection; without it the guest starts at once");

    private readonly Option<int?> _plugFd = DescriptorOption.Create("--plug-fd", "inherited plug wire, over which the supervisor replaces gpu-process and display-process");

    private readonly RootCommand _root;

    public CoreCommandLine() =>
        _root = new RootCommand("vmm-core runs the CPUs, memory and PCI bus of one SplitVmm virtual machine.")
        {
            _kernel, _initrd, _append, _memory, _cpus, _serial, _vhostUser, _inputFd, _touch, _agentFd, _controlFd, _plugFd,
        };

    /// <summary>Parses, or answers the user.</summary>
    /// <param name="exitStatus">If null is returned: of help, or of wrong usage, which was explained on standard error.</param>
    public CoreOptions? Parse(string[] arguments, out int exitStatus) =>
        ProcessArguments.Parse("vmm-core", CoreProgram.LinePrefix, _root, arguments, Options, out exitStatus);

    private CoreOptions Options(ParseResult result) => new(
        result.GetRequiredValue(_kernel),
        result.GetValue(_initrd),
        result.GetValue(_append) ?? "",
        result.GetValue(_memory),
        result.GetValue(_cpus),
        result.GetValue(_serial) == SerialOnTerminal,
        result.GetValue(_vhostUser) ?? [],
        result.GetValue(_inputFd),
        result.GetValue(_touch),
        result.GetValue(_agentFd),
        result.GetValue(_controlFd),
        result.GetValue(_plugFd));

    private static ulong ParseMemory(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (MemorySize.Parse(text, out ulong bytes) is { } problem)
        {
            result.AddError($"--memory '{text}' {problem}");
        }

        return bytes;
    }

    private static int ParseCpus(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int cpus) || cpus is < 1 or > LargestCpus)
        {
            result.AddError($"--cpus '{text}' is not a number of vCPUs; write 1 to {LargestCpus}");
        }

        return cpus;
    }

    private static string ParseSerial(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (text is not (SerialOnTerminal or "none"))
        {
            result.AddError($"--serial '{text}' is not known; write stdio or none");
        }

        return text;
    }

    private static VhostUserArgument[] ParseVhostUser(ArgumentResult result)
    {
        var devices = new List<VhostUserArgument>();
        foreach (Token token in result.Tokens)
        {
            if (VhostUserParser.Parse(token.Value, out VhostUserArgument? device) is { } problem)
            {
                result.AddError($"--vhost-user '{token.Value}' {problem}");
            }
            else if (device is not null)
            {
                devices.Add(device);
            }
        }

        return [.. devices];
    }
}
