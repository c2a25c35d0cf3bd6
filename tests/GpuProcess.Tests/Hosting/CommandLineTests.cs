using SplitVmm.GpuProcess.Hosting;
using SplitVmm.GpuProcess.Options;
using SplitVmm.Harness;
using SplitVmm.Hosting;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Hosting;

[Trait("Tier", Tiers.Unit)]
public sealed class CommandLineTests
{
    [Fact]
    public void Parse_EveryOption_IsTaken()
    {
        GpuProcessOptions? options = CommandLine.Parse(
            ["--vhost-user-fd", "4", "--display-fd", "5", "--control-fd", "6", "--gpu", "virgl=off,xres=100"], out int exitStatus);

        Assert.Equal(0, exitStatus);
        Assert.Equal(
            new GpuProcessOptions
            {
                VhostUserFd = 4,
                DisplayFd = 5,
                ControlFd = 6,
                Gpu = new GpuOptions { Virgl = false, Xres = 100 },
            },
            options);
    }

    [Fact]
    public void Parse_Listen_IsTaken() =>
        Assert.Equal(new GpuProcessOptions { VhostUserPath = "/run/s" }, CommandLine.Parse(["--vhost-user-listen", "/run/s"], out _));

    [Theory]
    [InlineData("")]
    [InlineData("--vhost-user-fd")]
    [InlineData("--vhost-user-fd 2")]
    [InlineData("--vhost-user-fd x")]
    [InlineData("--vhost-user-fd 3 --vhost-user-listen /run/s")]
    [InlineData("--vhost-user-fd 3 --display-fd -1")]
    [InlineData("--vhost-user-fd 3 --gpu virgl=perhaps")]
    [InlineData("--vhost-user-fd 3 --gpu")]
    [InlineData("--vhost-user-fd 3 --nonsense")]
    [InlineData("--vhost-user-fd 3 leftover")]
    public void Parse_WrongUsage_IsStatus2(string line)
    {
        Assert.Null(CommandLine.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), out int exitStatus));
        Assert.Equal(ExitStatus.WrongUsage, exitStatus);
    }
}
