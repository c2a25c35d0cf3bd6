using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

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

    private readonly Option<int?> _inputFd = new("--input-fd")
    {
        Description = "inherited end of the input wire",
        HelpName = "N",
        CustomParser = ParseDescriptor,
    };

    private readonly Option<bool> _touch = new("--touch") { Description = "the guest has a touch screen too" };

    private readonly Option<int?> _agentFd = new("--agent-fd")
    {
        Description = "inherited end of the agent wire; the guest has a port for its agent then",
        HelpName = "N",
        CustomParser = ParseDescriptor,
    };

    private readonly Option<int?> _controlFd = new("--control-fd")
    {
        Description = "inherited end of the control connection; without it the guest starts at once",
        HelpName = "N",
        CustomParser = ParseDescriptor,
    };

    private readonly Option<int?> _plugFd = new("--plug-fd")
    {
        Description = "inherited plug wire, over which the supervisor replaces gpu-process and display-process",
        HelpName = "N",
        CustomParser = ParseDescriptor,
    };

    private readonly RootCommand _root;

    public CoreCommandLine() =>
        _root = new RootCommand("vmm-core runs the CPUs, memory and PCI bus of one SplitVmm virtual machine.")
        {
            _kernel, _initrd, _append, _memory, _cpus, _serial, _vhostUser, _inputFd, _touch, _agentFd, _controlFd, _plugFd,
        };

    /// <summary>Reads the arguments.</summary>
    /// <param name="arguments">As given to the program.</param>
    /// <param name="output">Where help and version go.</param>
    /// <param name="errors">Where the one line about wrong usage goes.</param>
    /// <param name="options">The result, if there is something to run.</param>
    /// <returns>Null if there is something to run; else the exit status: 0 after help, 2 after wrong usage.</returns>
    public int? Parse(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors, out CoreOptions? options)
    {
        options = null;
        ParseResult result = _root.Parse(arguments);
        if (result.Errors.Count > 0)
        {
            errors.WriteLine($"vmm-core: {Explain(result.Errors[0])}");
            return 2;
        }

        if (result.Action is not null)
        {
            return result.Invoke(new InvocationConfiguration { Output = output, Error = errors });
        }

        options = new CoreOptions(
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
        return null;
    }

    private static string Explain(ParseError error)
    {
        string message = error.Message.TrimEnd('.');
        // The parser's own messages say what is wrong; ours, from the methods below, also what to do.
        return message.Contains(';', StringComparison.Ordinal) ? message : $"{message}; vmm-core --help lists the options";
    }

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

    private static int? ParseDescriptor(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (DescriptorNumber.TryParse(text, out int number))
        {
            return number;
        }

        string option = result.Parent is OptionResult parent ? parent.Option.Name : "the option";
        result.AddError($"{option} '{text}' is not a descriptor; write the number of an inherited one, at least 3");
        return null;
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
