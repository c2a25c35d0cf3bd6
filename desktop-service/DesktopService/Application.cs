using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.Runtime.InteropServices;
using SplitVmm.ControlServer;
using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Interop;
using SplitVmm.DesktopService.Machines;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.DesktopService.Text;
using SplitVmm.DesktopService.Viewers;
using SplitVmm.DesktopService.Views;

namespace SplitVmm.DesktopService;

/// <summary>The program <c>splitvmm</c>.</summary>
public static class Application
{
    /// <returns>The exit status (docs/architecture.md).</returns>
    public static int Run(string[] arguments)
    {
        RootCommand root = CreateCommands();
        if (arguments.Length == 0)
        {
            return WrongUsage($"no command given; known are {string.Join(", ", root.Subcommands.Select(command => command.Name))}", "splitvmm --help");
        }

        ParseResult parsed = root.Parse(arguments);
        // A line that is still being typed is wrong more often than not.
        return parsed.Errors.Count == 0 || parsed.GetResult(root.Directives.OfType<SuggestDirective>().Single()) is not null
            ? parsed.Invoke()
            : WrongUsage(UsageMessage.Of(parsed), UsageMessage.HelpOf(parsed));
    }

    /// <summary>Every command of the program.</summary>
    internal static RootCommand CreateCommands()
    {
        var run = new RunCommand();
        run.Command.SetAction(result => run.TryBind(result, out RunOptions options, out string error)
            ? RunMachine(options)
            : WrongUsage(error, UsageMessage.HelpOf(result)));
        var root = new RootCommand("Runs Linux desktops in virtual machines, with the GPU in a process of its own")
        {
            run.Command, new ConfigCommand().Command, new DoctorCommand().Command, new ServiceCommand().Command,
        };
        foreach (Command command in new MachineCommands().All)
        {
            root.Add(command);
        }

        // Of another system, and a nuisance in a completion.
        ICollection<string> helpAliases = root.Options.OfType<HelpOption>().Single().Aliases;
        _ = helpAliases.Remove("/?");
        _ = helpAliases.Remove("/h");
        return root;
    }

    private static int RunMachine(RunOptions options)
    {
        var feed = new EventFeed();
        using IRunView view = new FeedView(CreateView(options), feed);
        using ControlSocket? socket = OpenSocket(options, view);
        if (socket is null && options.Name is not null)
        {
            return ExitStatus.Failed;
        }

        using var server = new ServerLease();
        using var machine = new VirtualMachine(options, server.Host, view);
        socket?.Serve(machine.Loop, server.Host, new MachineApi(socket.Name, machine, feed));
        using ViewerBus? viewers = ViewerBus.Open(socket?.Name ?? MachineName.FromKernel(options.Kernel), options, machine, view);
        using PosixSignalRegistration interrupt = EndOn(PosixSignal.SIGINT, Libc.SIGINT, "Ctrl-C", machine);
        using PosixSignalRegistration terminate = EndOn(PosixSignal.SIGTERM, Libc.SIGTERM, "SIGTERM", machine);
        using PosixSignalRegistration hangUp = EndOn(PosixSignal.SIGHUP, Libc.SIGHUP, "SIGHUP", machine);
        return machine.Run().Status;
    }

    /// <summary>Null: the machine cannot be found by others, for a reason that was told if the user named it.</summary>
    private static ControlSocket? OpenSocket(RunOptions options, IRunView view)
    {
        try
        {
            return ControlSocket.Open(options.Name, MachineName.FromKernel(options.Kernel));
        }
        catch (IOException error)
        {
            view.OnNotice(error.Message);
            return null;
        }
    }

    private static IRunView CreateView(RunOptions options)
    {
        if (options.Json)
        {
            return new JsonView();
        }

        bool consoleOnTerminal = options.Serial.IsStdio && OutputFile.StandardOutput.IsTerminal;
        return OutputFile.StandardError.IsTerminal && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb")
            ? new TerminalView(consoleOnTerminal)
            : new PlainView();
    }

    private static PosixSignalRegistration EndOn(PosixSignal signal, int number, string name, VirtualMachine machine) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            machine.RequestEnd(EndRequest.FromSignal(number, name));
        });

    private static int WrongUsage(string error, string help)
    {
        OutputFile.StandardError.WriteLine($"splitvmm: {OneLine.Clean(error)}; see {help}");
        return ExitStatus.WrongUsage;
    }

    /// <summary>The control server for the time of a run; its life is asynchronous, the supervisor's is not.</summary>
    private sealed class ServerLease : IDisposable
    {
        public ControlHost Host { get; } = ControlHost.StartAsync().GetAwaiter().GetResult();

        public void Dispose() => Host.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
