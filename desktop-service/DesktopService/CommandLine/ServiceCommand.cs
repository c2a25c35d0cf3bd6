using System.CommandLine;
using System.Runtime.InteropServices;
using SplitVmm.DesktopService.Bus;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary><c>splitvmm service</c>: started by the session bus, not by people.</summary>
internal sealed class ServiceCommand
{
    public ServiceCommand()
    {
        Command = new Command("service", "Serve org.splitvmm.SplitVmm on the session bus, which starts it by itself (docs/dbus.md)");
        Command.SetAction(_ => Run());
    }

    public Command Command { get; }

    private static int Run()
    {
        using var end = new CancellationTokenSource();
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            end.Cancel();
        }

        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        return BusService.RunAsync(end.Token).GetAwaiter().GetResult();
    }
}
