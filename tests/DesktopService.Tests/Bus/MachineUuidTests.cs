using SplitVmm.DesktopService.Machines;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Bus;

/// <summary>UUIDs of machines, beside those that Python's uuid5 makes of the same host and text.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class MachineUuidTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Theory]
    [InlineData("01234567-89ab-cdef-0123-456789abcdef", "26336e37-8efb-5946-8a42-d34ccf7b72a3")]
    [InlineData("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "3e01e0dc-3d40-522a-8943-a6a3878d7c38")]
    [InlineData("00000000-0000-0000-0000-000000000000", "58b13438-bf10-5025-ad00-b97046e0a142")]
    public void Uuid_OfAMachine_IsThatOfVersion5(string host, string expected) =>
        Assert.Equal(expected, MachineUuid.Of(Guid.Parse(host), "alice", "debian").ToString());

    [Fact]
    public void Uuid_OfAnotherMachineUserOrHost_IsAnother()
    {
        Guid host = Guid.Parse("01234567-89ab-cdef-0123-456789abcdef");
        Guid[] all = [MachineUuid.Of(host, "alice", "debian"), MachineUuid.Of(host, "alice", "debian-2"), MachineUuid.Of(host, "bob", "debian"), MachineUuid.Of(Guid.Empty, "alice", "debian")];
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef\n", "01234567-89ab-cdef-0123-456789abcdef")]
    [InlineData("uninitialized\n", "00000000-0000-0000-0000-000000000000")]
    [InlineData("", "00000000-0000-0000-0000-000000000000")]
    public void Host_IsWhatItsFileSays_OrNil(string text, string expected)
    {
        File.WriteAllText(_file, text);
        Assert.Equal(expected, MachineUuid.Host(_file).ToString());
    }

    [Fact]
    public void Host_WithoutAFile_IsNil() => Assert.Equal(Guid.Empty, MachineUuid.Host(_file + "-missing"));

    public void Dispose() => File.Delete(_file);
}
