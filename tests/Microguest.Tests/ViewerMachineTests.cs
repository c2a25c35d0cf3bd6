using System.Text.RegularExpressions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>
/// A machine of the real processes in their cages as QEMU's D-Bus display, on a session bus of the test's own: what its viewers see
/// is what the guest has drawn, and what they do reaches the guest.
/// </summary>
[Trait("Tier", Tiers.Microguest)]
public sealed partial class ViewerMachineTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("splitvmm-viewers-").FullName;
    private readonly Dictionary<string, string> _variables;
    private readonly ChildProgram _bus;

    public ViewerMachineTests()
    {
        Needs.Kvm();
        File.WriteAllText(Path.Combine(_folder, "bus.conf"), $"""
            <busconfig>
              <type>session</type>
              <listen>unix:path={_folder}/bus</listen>
              <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
            </busconfig>
            """);
        _variables = new() { ["DBUS_SESSION_BUS_ADDRESS"] = $"unix:path={_folder}/bus", ["XDG_RUNTIME_DIR"] = _folder };
        _bus = ChildProgram.Start(Needs.Program("dbus-daemon", "dbus"), [$"--config-file={_folder}/bus.conf", "--nofork", "--print-address"]);
        Assert.True(_bus.WaitForOutput("unix:path=", s_limit), _bus.StandardError);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pictures_OfTheGuest_AreWhatViewersShow(bool maps)
    {
        using ChildProgram machine = Start("test=chaos hold=key", "virgl=off,blob=on,hostmem=64M");
        using GlibViewer viewer = GlibViewer.OnBus(_variables, maps ? GlibViewer.MapsMemory : []);
        _ = viewer.WaitFor(maps ? "ScanoutMap" : "Scanout");

        machine.Write("v");
        int compared = 0;
        while (true)
        {
            int number = compared;
            Assert.True(
                SpinWait.SpinUntil(() => Surface().Count(machine.StandardOutput) > number || machine.StandardOutput.Contains("event chaos verified", StringComparison.Ordinal), s_limit),
                machine.StandardOutput + machine.StandardError);
            MatchCollection surfaces = Surface().Matches(machine.StandardOutput);
            if (surfaces.Count == number)
            {
                break;
            }

            string crc = surfaces[number].Groups[1].Value;
            // It may have been shown before the guest said so.
            Assert.True(
                SpinWait.SpinUntil(() => viewer.Calls.LastOrDefault(call => call.TryGetProperty("picture", out _)) is { ValueKind: System.Text.Json.JsonValueKind.Object } last && last.GetProperty("picture").GetString() == crc, s_limit),
                $"surface {number} with {crc} was not seen: {string.Join('\n', viewer.Calls.TakeLast(5))}");
            compared++;
            machine.Write("n");
        }

        Assert.InRange(compared, 2, int.MaxValue);
        machine.Write("q");
        Assert.Equal(0, machine.WaitForExit(s_limit).ExitStatus);
        _ = viewer.WaitFor("closed");
    }

    [Fact]
    public void Keys_AndMovement_ReachTheGuest()
    {
        using ChildProgram machine = Start("test=input events=7 wait=100000", "virgl=off");
        Assert.True(machine.WaitForOutput("MG: event input ready", s_limit), machine.StandardOutput + machine.StandardError);

        Call("Keyboard.Press", "30");
        Call("Keyboard.Release", "30");
        Call("Mouse.RelMotion", "5", "6");

        RunResult result = machine.WaitForExit(s_limit);
        Assert.True(result.ExitStatus == 0, result.StandardOutput + result.StandardError);
        foreach (string expected in (string[])["type=1 code=30 value=1", "type=1 code=30 value=0", "type=2 code=0 value=5", "type=2 code=1 value=6"])
        {
            Assert.Contains(expected, result.StandardOutput, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Size_OfAViewer_IsWhatTheGuestIsOffered()
    {
        using ChildProgram machine = Start("test=display changes=1 wait=100000", "virgl=off");
        Assert.True(machine.WaitForOutput("MG: event display ready", s_limit), machine.StandardOutput + machine.StandardError);

        Call("Console.SetUIInfo", "300", "200", "0", "0", "1000", "700");

        RunResult result = machine.WaitForExit(s_limit);
        Assert.True(result.ExitStatus == 0, result.StandardOutput + result.StandardError);
        Assert.Contains("display scanout=0 enabled=1 width=1000 height=700", result.StandardOutput, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _bus.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ChildProgram Start(string words, string gpu)
    {
        ChildProgram machine = ChildProgram.Start(
            SourceTree.Executable("splitvmm"),
            [
                "run", "--kernel", SourceTree.Path("out", "microguest", "microguest.elf"), "--append", words, "--memory", "256M",
                "--gpu", gpu, "--display", "headless,viewers=on,size=320x240", "--serial", "stdio",
            ],
            _variables);
        Assert.True(
            SpinWait.SpinUntil(() => machine.HasExited || Gdbus("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner", "org.qemu").StandardOutput.Contains("true", StringComparison.Ordinal), s_limit) && !machine.HasExited,
            machine.StandardError);
        return machine;
    }

    private void Call(string method, params string[] arguments)
    {
        RunResult result = Gdbus("org.qemu", "/org/qemu/Display1/Console_0", "org.qemu.Display1." + method, arguments);
        Assert.True(result.ExitStatus == 0, result.StandardError);
    }

    private RunResult Gdbus(string destination, string path, string method, params string[] arguments) => ChildProgram.Run(
        Needs.Program("gdbus", "libglib2.0-bin"), ["call", "--session", "-d", destination, "-o", path, "-m", method, .. arguments], s_limit, _variables);

    [GeneratedRegex(@"MG: picture chaos scanout=0 width=\d+ height=\d+ crc32=([0-9a-f]{8})")]
    private static partial Regex Surface();
}
