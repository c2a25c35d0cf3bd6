using SplitVmm.DesktopService.Definitions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Definitions;

/// <summary>Every mistake has a message of its own, which names line, key, value and remedy.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DefinitionMistakeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("splitvmm-definitions-").FullName;

    public DefinitionMistakeTests() => File.WriteAllText(Path.Combine(_folder, "vmlinux"), "");

    // In the texts a vertical bar is the end of a line, and K the one key that must be there.
    public static TheoryData<string, string> Mistakes => new()
    {
        // What is no TOML.
        { "kernel = \"vmlinux", "1: this is no TOML: Invalid End-Of-File found on string literal" },
        { "kernel = \"vmlinux|cpus = 2", "1: this is no TOML: Invalid newline in a string" },
        { "kernel \"vmlinux\"", "1: this is no TOML: Expecting `=` after a key instead of \"vmlinux\"" },
        { "kernel = vmlinux", "1: this is no TOML: Unexpected token `vmlinux` for a value; a text needs quotes, and the only words without are true and false" },
        { "K|[gpu]|blob = yes", "3: this is no TOML: Unexpected token `yes` for a value; a text needs quotes, and the only words without are true and false" },
        { "K|cpus =", "2: this is no TOML: Unexpected token `<eof>` for a value; a text needs quotes, and the only words without are true and false" },
        { "K|memory = \"2G\" cpus = 2", "2: this is no TOML: Unexpected token found `cpus` while expecting token `newline`" },
        { "K|[gpu|blob = true", "2: this is no TOML: Unexpected token found `␤` (token: `newline`) while expecting `]` (token: `closebracket`)" },
        { "K|append = \"a\\qb\"", "2: this is no TOML: Unexpected escape character [q] in string. Only b t n f r e \\ \" xHH u0000-uFFFF U00000000-UFFFFFFFF are allowed" },
        // Keys and tables that do not exist, stand in the wrong place, or stand twice.
        { "K|memry = \"2G\"", "2: unknown key memry; did you mean memory?" },
        { "K|[gpu]|hostmm = \"1G\"", "3: unknown key gpu.hostmm; did you mean hostmem?" },
        { "K|[display]|title = \"x\"", "3: unknown key display.title; did you mean title?" },
        { "K|blob = true", "2: unknown key blob; did you mean gpu.blob?" },
        { "K|[recovery]|seconds = 5", "3: unknown key recovery.seconds; known are crashes, window, max-delay" },
        { "K|[gup]|blob = true", "2: unknown table [gup]; did you mean gpu?" },
        { "K|network.type = \"tap\"", "2: unknown table [network]; known are gpu, display, recovery" },
        { "K|[[gpu]]|blob = true", "2: [[gpu]] is a list of tables, which no definition has; write [gpu]" },
        { "K|gpu = true", "2: gpu is a table: write [gpu] on a line of its own, and its keys below" },
        { "K|cpus = 1|cpus = 2", "3: cpus is given twice, first in line 2; leave one away" },
        { "K|gpu = { blob = true }|[gpu]|blob = true", "4: gpu.blob is given twice, first in line 2; leave one away" },
        // Values of the wrong kind or size.
        { "kernel = 5", "1: kernel takes the path of a file, not 5" },
        { "kernel = \"\"", "1: kernel takes the path of a file, not \"\"" },
        { "K|memory = \"2X\"", "2: memory takes a size such as \"512M\" or \"2G\", or a whole number of MiB, from 16, not \"2X\"" },
        { "K|memory = 8", "2: memory takes a size such as \"512M\" or \"2G\", or a whole number of MiB, from 16, not 8" },
        { "K|cpus = 0", "2: cpus takes a whole number from 1 to 255, not 0" },
        { "K|cpus = \"two\"", "2: cpus takes a whole number from 1 to 255, not \"two\"" },
        { "K|cpus = 1.5", "2: cpus takes a whole number from 1 to 255, not 1.5" },
        { "K|title = \"\"", "2: title takes a text of 1 to 80 characters, not \"\"" },
        { "K|serial = \"tty\"", "2: serial takes \"none\", \"stdio\" or \"file:PATH\", not \"tty\"" },
        { "K|vhost-user = \"type=blk\"", "2: vhost-user takes a list of texts such as [\"type=blk,path=/run/disk.sock\"], not \"type=blk\"" },
        { "K|sandbox = \"off\"", "2: sandbox takes true or false, not \"off\"" },
        { "K|grace = -1", "2: grace takes seconds from 0 to 1000000, not -1" },
        { "K|grace = 1979-05-27", "2: grace takes seconds from 0 to 1000000, not 1979-05-27" },
        { "K|[gpu]|hostmem = \"3M\"", "3: gpu.hostmem takes a power of two from \"1M\" to \"128G\", not \"3M\"" },
        { "K|[gpu]|context-types = \"gl\"", "3: gpu.context-types takes names with colons between, such as \"virgl2:venus\", not \"gl\"" },
        { "K|[gpu]|max_outputs = 17", "3: gpu.max_outputs takes a whole number from 1 to 16, not 17" },
        { "K|[gpu]|drm_node = \"renderD128\"", "3: gpu.drm_node takes an absolute path such as \"/dev/dri/renderD128\", or a PCI address such as \"0000:03:00.0\", not \"renderD128\"" },
        { "K|[gpu]|hang-timeout = 0.1", "3: gpu.hang-timeout takes seconds from 0.2 to 1000000, not 0.1" },
        { "K|[display]|backend = \"vnc\"", "3: display.backend takes \"sdl\", \"headless\" or \"none\", not \"vnc\"" },
        { "K|[display]|size = \"1280\"", "3: display.size takes a size such as \"1280x800\", from 16 to 16384 each, or several with colons between, not \"1280\"" },
        { "K|[recovery]|crashes = -1", "3: recovery.crashes takes a whole number from 0 to 1000000, not -1" },
        { "K|[recovery]|window = 0", "3: recovery.window takes a whole number of seconds from 1 to 1000000, not 0" },
        // What is missing, and what does not go together.
        { "cpus = 2", "0: no kernel; add a line kernel = \"PATH\" before the first table" },
        { "kernel = \"bzImage\"", "1: kernel: there is no file FOLDER/bzImage" },
        { "K|initrd = \"/nonesuch/initrd\"", "2: initrd: there is no file /nonesuch/initrd" },
        { "K|gpu.runtime = \"root\"", "2: gpu.runtime: there is no root file system in FOLDER/root; packaging/image gpu-runtime-trixie makes one, in its folder root" },
        { "K|[gpu]|enabled = false|blob = true", "4: gpu.blob has no effect without a GPU; remove it, or gpu.enabled = false" },
        { "K|gpu.enabled = false|display.backend = \"sdl\"", "3: display.backend has nothing to show without a GPU; write \"none\", or remove gpu.enabled = false" },
        { "K|gpu.hostmem = \"256M\"", "2: gpu.hostmem is the window that blobs are mapped into; add blob = true" },
        { "K|display.frames = \"pictures\"", "2: display.frames is for display.backend = \"headless\" only; remove it, or choose that" },
        { "K|display = { backend = \"headless\", renderer = \"software\" }", "2: display.renderer is for display.backend = \"sdl\" only; remove it, or choose that" },
        { "K|display = { backend = \"headless\", touch = true }", "2: display.touch is for display.backend = \"sdl\" only; remove it, or choose that" },
        { "K|display.clipboard = \"guest\"", "2: display.clipboard takes true or false, not \"guest\"" },
        { "K|display = { backend = \"headless\", clipboard = true }", "2: display.clipboard is for display.backend = \"sdl\" only; remove it, or choose that" },
        { "K|display = { backend = \"none\", viewers = true }", "2: display.viewers has no effect without a display; remove it" },
        { "K|display.touch = \"on\"", "2: display.touch takes true or false, not \"on\"" },
        { "K|display = { backend = \"none\", size = \"64x64\" }", "2: display.size has no effect without a display; remove it" },
        { "K|display = { backend = \"headless\", frame-interval = 20 }", "2: display.frame-interval needs a folder; add display.frames = \"DIR\"" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Read_Mistake_IsToldInOneLineWithTheRemedy(string text, string expected)
    {
        MachineDefinition? definition = Read(text, out IReadOnlyList<Mistake> mistakes);

        Assert.Null(definition);
        Mistake mistake = Assert.Single(mistakes);
        Assert.Equal(expected.Replace("FOLDER", _folder, StringComparison.Ordinal), $"{mistake.Line}: {mistake.Text}");
    }

    [Fact]
    public void Read_SeveralMistakes_AllAreToldInTheOrderOfTheLines()
    {
        _ = Read("cpus = 0|[gpu]|edid = 1|x = 2", out IReadOnlyList<Mistake> mistakes);
        Assert.Equal([1, 3, 4], mistakes.Select(mistake => mistake.Line));
    }

    [Fact]
    public void Read_ControlCharactersInAKey_DoNotReachTheMessage()
    {
        _ = Read("\"a\\u001b[2Jb\" = 1", out IReadOnlyList<Mistake> mistakes);
        Assert.DoesNotContain('\e', Assert.Single(mistakes).Text);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private MachineDefinition? Read(string text, out IReadOnlyList<Mistake> mistakes)
    {
        string document = text.Replace('|', '\n');
        document = document.StartsWith("K\n", StringComparison.Ordinal) ? "kernel = \"vmlinux\"" + document[1..] : document;
        return DefinitionReader.Read("vm", _folder, document, out mistakes);
    }
}
