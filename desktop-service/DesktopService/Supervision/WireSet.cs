using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Plug;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>
/// The socket pairs and pipes of processes of one virtual machine that are about to be started, all of them or one
/// that follows another, and which end goes to whom: inherited under a number, or plugged into a process that runs.
/// Disposed as soon as all have theirs: an end that stayed open here would hide a peer's death.
/// </summary>
internal sealed class WireSet : IDisposable
{
    private readonly List<Descriptor> _owned = [];
    private readonly Dictionary<ProcessRole, Descriptor> _control = [];
    private readonly Dictionary<ProcessRole, Descriptor> _errors = [];
    private readonly Dictionary<ProcessRole, UnixSocket> _plugWires = [];
    private readonly List<(ProcessRole To, PlugOrder Order, Descriptor Socket)> _plugs = [];
    private readonly IReadOnlyList<ProcessRole> _allRoles;
    private readonly Dictionary<ProcessRole, List<Descriptor>> _inherited = [];
    private readonly Dictionary<ProcessRole, List<string>> _arguments = [];
    private Descriptor? _consoleInput;
    private Descriptor? _consoleOutput;

    private WireSet(IReadOnlyList<ProcessRole> roles, IReadOnlyList<ProcessRole> allRoles)
    {
        _allRoles = allRoles;
        Roles = roles;
        foreach (ProcessRole role in Roles)
        {
            _inherited[role] = [];
            _arguments[role] = [];
        }
    }

    /// <summary>The processes to be started, in this order.</summary>
    public IReadOnlyList<ProcessRole> Roles { get; }

    /// <summary>The ends for processes that run. They stay this object's.</summary>
    public IReadOnlyList<(ProcessRole To, PlugOrder Order, Descriptor Socket)> Plugs => _plugs;

    /// <summary>For a whole machine.</summary>
    /// <param name="journal">For gpu-process; stays the caller's.</param>
    public static WireSet Create(RunOptions options, Descriptor journal) => Create(options, RolesOf(options), journal);

    /// <summary>For one process, and what belongs to it, of a machine whose others run.</summary>
    /// <param name="journal">For gpu-process, the same as before; stays the caller's.</param>
    public static WireSet CreateFor(ProcessRole role, RunOptions options, Descriptor journal) =>
        Create(options, role == ProcessRole.Gpu ? GpuRoles(options) : [role], journal);

    private static WireSet Create(RunOptions options, IReadOnlyList<ProcessRole> roles, Descriptor journal)
    {
        var wires = new WireSet(roles, RolesOf(options));
        try
        {
            wires.AddStandardStreams(options);
            foreach (ProcessRole role in wires.Roles.Where(ProcessRoleNames.IsOurs))
            {
                (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
                wires._control[role] = ours;
                wires.Give(role, theirs, "--control-fd {0}");
                (UnixSocket plugs, UnixSocket process) = UnixSocket.CreateSeqPacketPair();
                wires._plugWires[role] = plugs;
                wires.Give(role, process, "--plug-fd {0}");
            }

            wires.AddDeviceWires(options.Display);
            if (roles.Contains(ProcessRole.Gpu))
            {
                wires.Give(ProcessRole.Gpu, journal.Duplicate(), "--journal-fd {0}");
            }

            return wires;
        }
        catch
        {
            wires.Dispose();
            throw;
        }
    }

    /// <summary>Which processes a machine with these options consists of.</summary>
    public static IReadOnlyList<ProcessRole> RolesOf(RunOptions options)
    {
        var roles = new List<ProcessRole>();
        if (options.Display.Backend != DisplayBackend.None)
        {
            roles.Add(ProcessRole.Display);
        }

        if (options.Gpu is not null)
        {
            roles.AddRange(GpuRoles(options));
        }

        // Last: the others load libraries in the meantime, and it waits for them.
        roles.Add(ProcessRole.Core);
        return roles;
    }

    private static IReadOnlyList<ProcessRole> GpuRoles(RunOptions options) =>
        VenusServer.IsAskedFor(options.Gpu) ? [ProcessRole.Venus, ProcessRole.Gpu] : [ProcessRole.Gpu];

    /// <summary>Descriptors 0, 1, 2 … of the process.</summary>
    public IReadOnlyList<Descriptor> InheritedBy(ProcessRole role) => _inherited[role];

    /// <summary>The options that tell the process its descriptors' numbers.</summary>
    public IReadOnlyList<string> ArgumentsOf(ProcessRole role) => _arguments[role];

    /// <summary>This program's end of the control connection; the caller owns it from now on.</summary>
    public Descriptor TakeControl(ProcessRole role) => Take(_control, role);

    /// <summary>This program's end of the plug wire; the caller owns it from now on.</summary>
    public UnixSocket TakePlugWire(ProcessRole role) => Take(_plugWires, role);

    /// <summary>Read end of the pipe that the process has as standard error; the caller owns it from now on.</summary>
    public Descriptor TakeErrors(ProcessRole role) => Take(_errors, role);

    /// <summary>
    /// Where the guest's serial input is written to and its output is read from; the caller owns them from now on.
    /// Null: there is no console; it goes to a file.
    /// </summary>
    public (Descriptor? Input, Descriptor? Output) TakeConsole()
    {
        (Descriptor?, Descriptor?) taken = (_consoleInput, _consoleOutput);
        (_consoleInput, _consoleOutput) = (null, null);
        return taken;
    }

    /// <summary>Closes the ends that children have inherited; those to be plugged in are kept.</summary>
    public void CloseInherited()
    {
        foreach (Descriptor descriptor in _inherited.Values.SelectMany(descriptors => descriptors))
        {
            descriptor.Dispose();
        }
    }

    /// <summary>Closes all ends that nobody took.</summary>
    public void Dispose()
    {
        foreach (Descriptor descriptor in _owned.Concat(_control.Values).Concat(_errors.Values).Concat(_plugWires.Values))
        {
            descriptor.Dispose();
        }

        _consoleInput?.Dispose();
        _consoleOutput?.Dispose();
    }

    private static T Take<T>(Dictionary<ProcessRole, T> ends, ProcessRole role)
    {
        T end = ends[role];
        _ = ends.Remove(role);
        return end;
    }

    private void AddStandardStreams(RunOptions options)
    {
        foreach (ProcessRole role in Roles)
        {
            Pipe errors = Pipe.Create();
            _errors[role] = errors.ReadEnd;
            _owned.Add(errors.WriteEnd);
            bool hasConsole = role == ProcessRole.Core && !options.Serial.IsNone;
            if (hasConsole)
            {
                GiveConsole(options.Serial);
            }
            else
            {
                Give(role, OpenFile.Null());
                // What libraries print belongs to the messages.
                _inherited[role].Add(errors.WriteEnd);
            }

            _inherited[role].Add(errors.WriteEnd);
        }
    }

    // The terminal stays here: vmm-core has pipes, or the file, whichever the user chose.
    private void GiveConsole(SerialChoice serial)
    {
        Pipe input = Pipe.Create();
        _consoleInput = input.WriteEnd;
        Give(ProcessRole.Core, input.ReadEnd);
        if (serial.File is { } file)
        {
            Give(ProcessRole.Core, OpenFile.ForWriting(file));
            return;
        }

        Pipe output = Pipe.Create();
        _consoleOutput = output.ReadEnd;
        Give(ProcessRole.Core, output.WriteEnd);
    }

    private void AddDeviceWires(DisplayChoice choice)
    {
        const uint GpuDevice = 16;
        if (_allRoles.Contains(ProcessRole.Gpu))
        {
            AddWire(
                UnixSocket.CreateStreamPair,
                new WireEnd(ProcessRole.Core, "--vhost-user type=gpu,fd={0}", new PlugOrder { Role = PlugRole.VhostUser, Device = GpuDevice }),
                new WireEnd(ProcessRole.Gpu, "--vhost-user-fd {0}", default));
        }

        if (Roles.Contains(ProcessRole.Venus))
        {
            AddWire(
                UnixSocket.CreateSeqPacketPair,
                new WireEnd(ProcessRole.Venus, "--socket-fd {0}", default),
                new WireEnd(ProcessRole.Gpu, "--venus-fd {0}", default));
        }

        if (_allRoles.Contains(ProcessRole.Display))
        {
            var display = new PlugOrder { Role = PlugRole.Display };
            AddWire(
                UnixSocket.CreateSeqPacketPair,
                new WireEnd(ProcessRole.Gpu, "--display-fd {0}", display),
                new WireEnd(ProcessRole.Display, "--display-fd {0}", display));
            AddWire(
                UnixSocket.CreateSeqPacketPair,
                new WireEnd(ProcessRole.Display, "--input-fd {0}", default),
                new WireEnd(ProcessRole.Core, "--input-fd {0}", new PlugOrder { Role = PlugRole.Input }));
        }

        if (choice.HasClipboard)
        {
            AddWire(
                UnixSocket.CreateSeqPacketPair,
                new WireEnd(ProcessRole.Display, "--agent-fd {0}", default),
                new WireEnd(ProcessRole.Core, "--agent-fd {0}", new PlugOrder { Role = PlugRole.Agent }));
        }
    }

    private void AddWire(Func<(UnixSocket First, UnixSocket Second)> create, WireEnd first, WireEnd second)
    {
        if (Roles.Contains(first.Role) || Roles.Contains(second.Role))
        {
            (UnixSocket one, UnixSocket other) = create();
            Place(first, one);
            Place(second, other);
        }
    }

    private void Place(WireEnd end, UnixSocket socket)
    {
        if (Roles.Contains(end.Role))
        {
            Give(end.Role, socket, end.Option);
        }
        else
        {
            _owned.Add(socket);
            _plugs.Add((end.Role, end.Order, socket));
        }
    }

    /// <param name="role">Who inherits.</param>
    /// <param name="descriptor">Owned from here on.</param>
    /// <param name="option">Two words: the option, and its value with {0} for the number.</param>
    private void Give(ProcessRole role, Descriptor descriptor, string? option = null)
    {
        int number = _inherited[role].Count;
        _owned.Add(descriptor);
        _inherited[role].Add(descriptor);
        if (option is not null)
        {
            string[] words = option.Split(' ');
            _arguments[role].Add(words[0]);
            _arguments[role].Add(words[1].Replace("{0}", number.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
        }
    }

    /// <summary>One end of a wire between two processes.</summary>
    /// <param name="Role">Whose it is.</param>
    /// <param name="Option">How it is told of it at its start; two words, as for <see cref="Give"/>.</param>
    /// <param name="Order">How it is told of it while it runs, because the other one is new.</param>
    private sealed record WireEnd(ProcessRole Role, string Option, PlugOrder Order);
}
