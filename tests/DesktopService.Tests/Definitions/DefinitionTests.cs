using System.CommandLine;
using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Definitions;
using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.GpuProcess.Options;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Definitions;

[Trait("Tier", Tiers.Unit)]
public sealed class DefinitionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("splitvmm-definitions-").FullName;

    public DefinitionTests() => File.WriteAllText(Path.Combine(_folder, "vmlinux"), "");

    [Fact]
    public void Read_KernelOnly_IsTheSameAsTheCommandLine()
    {
        RunOptions options = Complete(Read("kernel = \"vmlinux\""));
        Assert.Equal(Path.Combine(_folder, "vmlinux"), options.Kernel);
        Assert.Equal(MemorySize.Default, options.Memory);
        Assert.Equal(1, options.Cpus);
        Assert.Equal("", options.Gpu);
        Assert.Equal("sdl title=vm", Describe(options.Display));
        Assert.True(options.Serial.IsStdio);
        Assert.Equal("5/60", options.CrashQuota.ToString());
    }

    [Fact]
    public void Read_EveryKey_IsTaken()
    {
        _ = Directory.CreateDirectory(Path.Combine(_folder, "root", "usr"));
        File.WriteAllText(Path.Combine(_folder, "initrd"), "");
        MachineDefinition definition = Read(
            """
            title = "My desktop"
            kernel = "vmlinux"
            initrd = "initrd"
            append = "console=ttyS0 quiet"
            memory = 512
            cpus = 4
            serial = "file:log"
            vhost-user = ["type=fs,path=/1", "type=blk,path=/2"]
            grace = 1.5

            [gpu]
            enabled = true
            runtime = "root"
            hang-timeout = 2
            virgl = true
            blob = true
            hostmem = "256M"
            context-types = "virgl2:drm"
            venus = false
            drm_native_context = true
            edid = true
            max_outputs = 2
            xres = 800
            yres = 600
            max_hostmem = "64M"
            max_gpumem = "1G"
            native = "builtin"
            max_replay = "1M"
            drm_node = "/dev/dri/renderD128"
            poll_us = 50

            [display]
            backend = "headless"
            size = "640x480:800x600"
            frames = "pictures"
            frame-interval = 100

            [recovery]
            crashes = 3
            window = 30
            max-delay = 100
            """);
        RunOptions options = Complete(definition);

        Assert.Equal("My desktop", definition.Title);
        Assert.Equal(Path.Combine(_folder, "initrd"), options.Initrd);
        Assert.Equal("console=ttyS0 quiet", options.Append);
        Assert.Equal(512, options.Memory.Mebibytes);
        Assert.Equal(4, options.Cpus);
        Assert.Equal(Path.Combine(_folder, "log"), options.Serial.File);
        Assert.Equal(["type=fs,path=/1", "type=blk,path=/2"], options.VhostUser);
        Assert.Equal(TimeSpan.FromSeconds(1.5), options.Grace);
        Assert.Equal(TimeSpan.FromSeconds(2), options.GpuHangTimeout);
        Assert.Equal(Path.Combine(_folder, "root"), options.GpuRuntime);
        Assert.Equal($"headless size=640x480:800x600 frames={_folder}/pictures frame-interval=100", Describe(options.Display));
        Assert.Equal("3/30", options.CrashQuota.ToString());
        Assert.Equal(TimeSpan.FromMilliseconds(100), options.CrashQuota.LongestDelay);
        Assert.NotNull(GpuOptionsParser.Parse(options.Gpu!, out string? error));
        Assert.Null(error);
        // This document has all keys but sandbox, which contradicts gpu.runtime.
        Assert.Equal(SandboxChoice.Off, Complete(Read("kernel = \"vmlinux\"\nsandbox = false")).Sandbox);
    }

    [Theory]
    [InlineData("touch = true", "sdl touch=on title=vm")]
    [InlineData("touch = false", "sdl touch=off title=vm")]
    [InlineData("clipboard = true", "sdl clipboard=on title=vm")]
    [InlineData("viewers = true", "sdl viewers=on title=vm")]
    [InlineData("renderer = \"software\"", "sdl renderer=software title=vm")]
    public void Read_KeysOfAWindow_AreOptionsOfIt(string line, string display) =>
        Assert.Equal(display, Describe(Complete(Read("kernel = \"vmlinux\"\n[display]\n" + line)).Display));

    [Theory]
    [InlineData("gpu.blob = true")]
    [InlineData("[gpu]\nblob = true")]
    [InlineData("gpu = { blob = true }")]
    [InlineData("[gpu]\n\"blob\" = true # as a quoted key")]
    public void Read_AnyWayToWriteATable_IsTheSame(string lines) =>
        Assert.Equal("blob=on", Complete(Read("kernel = \"vmlinux\"\n" + lines)).Gpu);

    [Fact]
    public void Read_NoGpu_HasNoDisplay()
    {
        RunOptions options = Complete(Read("kernel = \"vmlinux\"\ngpu.enabled = false"));
        Assert.Null(options.Gpu);
        Assert.Equal(DisplayBackend.None, options.Display.Backend);
    }

    [Fact]
    public void GpuKeys_AreThoseOfGpuProcess() =>
        Assert.Equal(GpuOptionsParser.Keys.Order(), GpuKeys.Options.Select(key => key.Name).Order());

    [Theory]
    [InlineData("max_outputs", "16")]
    [InlineData("max_outputs", "17")]
    [InlineData("xres", "16384")]
    [InlineData("xres", "16385")]
    [InlineData("yres", "0")]
    [InlineData("poll_us", "1000")]
    [InlineData("poll_us", "1001")]
    [InlineData("hostmem", "\"1M\"")]
    [InlineData("hostmem", "\"128G\"")]
    [InlineData("hostmem", "\"256G\"")]
    [InlineData("hostmem", "\"512K\"")]
    [InlineData("max_hostmem", "\"64G\"")]
    [InlineData("max_hostmem", "\"65G\"")]
    [InlineData("max_gpumem", "\"1024G\"")]
    [InlineData("max_gpumem", "\"1025G\"")]
    [InlineData("native", "\"builtin\"")]
    [InlineData("native", "\"other\"")]
    [InlineData("max_replay", "\"64K\"")]
    [InlineData("max_replay", "\"63K\"")]
    [InlineData("max_replay", "\"257M\"")]
    [InlineData("max_replay", "\"99999999999999999999G\"")]
    [InlineData("context-types", "\"virgl:virgl2\"")]
    [InlineData("context-types", "\"virgl:virgl\"")]
    [InlineData("context-types", "\"\"")]
    [InlineData("drm_node", "\"dri\"")]
    public void GpuValues_AreJudgedAsGpuProcessDoes(string key, string value)
    {
        string blob = key is "hostmem" or "native" ? "gpu.blob = true\n" : "";
        MachineDefinition? definition = DefinitionReader.Read(
            "vm", _folder, $"kernel = \"vmlinux\"\n{blob}gpu.{key} = {value}", out IReadOnlyList<Mistake> _);
        string further = key switch
        {
            "hostmem" => "blob=on,",
            // Which options need which others is judged when the machine starts.
            "native" => "blob=on,hostmem=256M,drm_native_context=on,",
            _ => "",
        };
        bool isRight = GpuOptionsParser.Parse($"{further}{key}={value.Trim('"')}", out _) is not null;
        Assert.Equal(isRight, definition is not null);
    }

    [Fact]
    public void CommandLine_GoesBeforeTheDefinition()
    {
        MachineDefinition definition = Read("kernel = \"vmlinux\"\ncpus = 2\nmemory = \"1G\"\ngpu.blob = true");
        Assert.True(
            new MachineSettings { Cpus = 8, Gpu = MachineSettings.NoGpu }.Over(definition.Settings).TryComplete(false, out RunOptions options, out _));
        Assert.Equal(8, options.Cpus);
        Assert.Equal(1024, options.Memory.Mebibytes);
        Assert.Null(options.Gpu);
        Assert.Equal(DisplayBackend.None, options.Display.Backend);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Describe(DisplayChoice display) =>
        string.Join(' ', [display.Backend.ToString().ToLowerInvariant(), .. display.Options.Select(pair => $"{pair.Key}={pair.Value}")]);

    private static RunOptions Complete(MachineDefinition definition)
    {
        Assert.True(definition.Settings.TryComplete(false, out RunOptions options, out string error), error);
        return options;
    }

    private MachineDefinition Read(string text)
    {
        MachineDefinition? definition = DefinitionReader.Read("vm", _folder, text, out IReadOnlyList<Mistake> mistakes);
        Assert.Empty(mistakes);
        return definition!;
    }
}
