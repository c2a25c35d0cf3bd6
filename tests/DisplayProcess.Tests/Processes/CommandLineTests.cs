using SplitVmm.DisplayProcess.Hosting;
using SplitVmm.Harness;
using SplitVmm.Hosting;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Processes;

[Trait("Tier", Tiers.Unit)]
public sealed class CommandLineTests
{
    [Fact]
    public void Parse_EveryOption_IsTaken()
    {
        DisplayOptions? options = CommandLine.Parse(
            [
                "--display-fd", "5", "--input-fd", "6", "--control-fd", "7", "--backend", "headless", "--frames", "/x",
                "--frame-interval", "250", "--title", "Debian 13", "--size", "1920x1080:800x600", "--heads", "3", "--renderer", "software", "--touch", "on",
                "--agent-fd", "8", "--clipboard", "on",
            ],
            out int exitStatus);

        Assert.Equal(0, exitStatus);
        Assert.Equal(
            new DisplayOptions
            {
                DisplayFd = 5,
                InputFd = 6,
                ControlFd = 7,
                Backend = BackendKind.Headless,
                FramesFolder = "/x",
                FrameInterval = TimeSpan.FromMilliseconds(250),
                Title = "Debian 13",
                Heads = 3,
                Sizes = options!.Sizes,
                Renderer = RendererKind.Software,
                HasTouch = true,
                AgentFd = 8,
                HasClipboard = true,
            },
            options);
        Assert.Equal([new(1920, 1080), new(800, 600), new(800, 600)], Enumerable.Range(0, 3).Select(options.SizeOf));
    }

    [Fact]
    public void Parse_OnlyTheWire_GivesTheDefaults()
    {
        DisplayOptions? options = CommandLine.Parse(["--display-fd", "3"], out _);

        Assert.Equal(new DisplayOptions { DisplayFd = 3, Sizes = options!.Sizes }, options);
        Assert.Equal([new PixelSize(1280, 800)], options.Sizes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--display-fd")]
    [InlineData("--display-fd x")]
    [InlineData("--display-fd 2")]
    [InlineData("--display-fd -1")]
    [InlineData("--display-fd 3 --backend vga")]
    [InlineData("--display-fd 3 --size 1280")]
    [InlineData("--display-fd 3 --size 0x800")]
    [InlineData("--display-fd 3 --size 99999x800")]
    [InlineData("--display-fd 3 --size 1280x800:")]
    [InlineData("--display-fd 3 --heads 0")]
    [InlineData("--display-fd 3 --heads 17")]
    [InlineData("--display-fd 3 --frame-interval 1")]
    [InlineData("--display-fd 3 --frame-interval soon")]
    [InlineData("--display-fd 3 --touch maybe")]
    [InlineData("--display-fd 3 --clipboard perhaps")]
    [InlineData("--display-fd 3 --agent-fd 2")]
    [InlineData("--display-fd 3 --nonsense")]
    [InlineData("--display-fd 3 leftover")]
    public void Parse_WrongUsage_IsStatus2(string line)
    {
        Assert.Null(CommandLine.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), out int exitStatus));
        Assert.Equal(ExitStatus.WrongUsage, exitStatus);
    }
}
