using System.CommandLine;
using SplitVmm.DesktopService.CommandLine;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.CommandLine;

[Trait("Tier", Tiers.Unit)]
public sealed class RunCommandTests
{
    [Fact]
    public void Bind_KernelOnly_HasTheDefaults()
    {
        RunOptions options = Bind("--kernel", "vmlinux");
        Assert.Equal("vmlinux", options.Kernel);
        Assert.Null(options.Initrd);
        Assert.Equal("", options.Append);
        Assert.Equal(new MemorySize(2048), options.Memory);
        Assert.Equal(1, options.Cpus);
        Assert.Equal("", options.Gpu);
        Assert.Equal(DisplayBackend.Sdl, options.Display.Backend);
        Assert.True(options.Serial.IsStdio);
        Assert.Equal(TimeSpan.FromSeconds(5), options.Grace);
        Assert.Null(options.Timeout);
        Assert.False(options.Json);
    }

    [Fact]
    public void Bind_Everything_IsTaken()
    {
        RunOptions options = Bind(
            "--kernel", "k", "--initrd", "i", "--append", "a b", "--memory", "512M", "--cpus", "4",
            "--gpu", "hostmem=4G,blob=on", "--display", "headless,frames=pictures,size=640x480", "--serial", "file:log",
            "--vhost-user", "type=fs,path=/1", "--vhost-user", "type=net,path=/2", "--json", "--grace", "1.5", "--timeout", "60");
        Assert.Equal("i", options.Initrd);
        Assert.Equal("a b", options.Append);
        Assert.Equal(512, options.Memory.Mebibytes);
        Assert.Equal(4, options.Cpus);
        Assert.Equal("hostmem=4G,blob=on", options.Gpu);
        Assert.Equal(DisplayBackend.Headless, options.Display.Backend);
        Assert.Equal(["frames=pictures", "size=640x480"], options.Display.Options.Select(pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal("log", options.Serial.File);
        Assert.Equal(["type=fs,path=/1", "type=net,path=/2"], options.VhostUser);
        Assert.True(options.Json);
        Assert.Equal(TimeSpan.FromSeconds(1.5), options.Grace);
        Assert.Equal(TimeSpan.FromSeconds(60), options.Timeout);
    }

    [Fact]
    public void Bind_NoGpu_HasNoDisplay()
    {
        RunOptions options = Bind("--kernel", "k", "--gpu", "none");
        Assert.Null(options.Gpu);
        Assert.Equal(DisplayBackend.None, options.Display.Backend);
    }

    [Theory]
    [InlineData("", "no kernel given; name one with --kernel FILE")]
    [InlineData("--kernel", "Required argument missing for option: '--kernel'")]
    [InlineData("--kernel k --memory 0", "memory size '0' is too small: give at least 16M, for example --memory 2G")]
    [InlineData("--kernel k --memory 0M", "memory size '0M' is too small: give at least 16M, for example --memory 2G")]
    [InlineData("--kernel k --memory -1G", "memory size '-1G' is not a number of MiB or a size such as 512M or 2G")]
    [InlineData("--kernel k --memory 2X", "memory size '2X' is not a number of MiB or a size such as 512M or 2G")]
    [InlineData("--kernel k --memory 99999999999G", "memory size '99999999999G' is not a number of MiB or a size such as 512M or 2G")]
    [InlineData("--kernel k --cpus 0", "number of CPUs '0' is not between 1 and 255")]
    [InlineData("--kernel k --cpus 256", "number of CPUs '256' is not between 1 and 255")]
    [InlineData("--kernel k --cpus two", "number of CPUs 'two' is not between 1 and 255")]
    [InlineData("--kernel k --memry 1G", "unknown option '--memry'; did you mean --memory?")]
    [InlineData("--kernel k --zzzzzzzzzz", "unknown option '--zzzzzzzzzz'; known are ")]
    [InlineData("--kernel k nonesuch", "no machine definition nonesuch; ")]
    [InlineData("--kernel k one rest", "unknown argument 'rest'")]
    [InlineData("--kernel k --display vnc", "display 'vnc' is not one of sdl, headless, none")]
    [InlineData("--kernel k --display headless,frame=x", "display headless has no option 'frame'; did you mean frames?")]
    [InlineData("--kernel k --display headless,frames", "display option 'frames' is not key=value")]
    [InlineData("--kernel k --display sdl,frames=x", "display sdl has no option 'frames'; known are title, renderer, size")]
    [InlineData("--kernel k --display none,size=1x1", "display none has no option 'size'; it takes none")]
    [InlineData("--kernel k --display sdl --frames x", "frames are written by the headless display only; add --display headless")]
    [InlineData("--kernel k --gpu none --display sdl", "--gpu none leaves nothing to show; add --display none")]
    [InlineData("--kernel k --serial tty", "serial console 'tty' is not one of stdio, none, file:PATH")]
    [InlineData("--kernel k --serial file:", "serial console 'file:' is not one of stdio, none, file:PATH")]
    [InlineData("--kernel k --grace soon", "'soon' is not a number of seconds")]
    [InlineData("--kernel k --timeout 1e99", "'1e99' is not a number of seconds")]
    public void Bind_Wrong_SaysWhatAndTheRemedy(string arguments, string expected)
    {
        Assert.False(TryBind(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), out _, out string error));
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Theory]
    [InlineData("512M", 512)]
    [InlineData("512m", 512)]
    [InlineData("16", 16)]
    [InlineData("8G", 8192)]
    [InlineData("1T", 1048576)]
    public void MemorySize_Read_IsInMebibytes(string text, long mebibytes)
    {
        Assert.True(MemorySize.TryParse(text, out MemorySize size, out _));
        Assert.Equal(mebibytes, size.Mebibytes);
    }

    [Theory]
    [InlineData(2048, "2G")]
    [InlineData(1536, "1536M")]
    public void MemorySize_Written_IsReadByVmmCore(long mebibytes, string text) =>
        Assert.Equal(text, new MemorySize(mebibytes).ToString());

    private static RunOptions Bind(params string[] arguments)
    {
        Assert.True(TryBind(arguments, out RunOptions options, out string error), error);
        return options;
    }

    private static bool TryBind(string[] arguments, out RunOptions options, out string error)
    {
        var run = new RunCommand();
        ParseResult parsed = new RootCommand { run.Command }.Parse(["run", .. arguments]);
        if (parsed.Errors.Count > 0)
        {
            options = null!;
            error = UsageMessage.Of(parsed);
            return false;
        }

        return run.TryBind(parsed, out options, out error);
    }
}
