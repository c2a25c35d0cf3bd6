using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>
/// Which OpenGL draws the window, seen by the libraries that the process has mapped, with parts of it taken away: an empty file
/// in front of the real library cannot be loaded.
/// </summary>
[Trait("Tier", Tiers.Peers)]
public sealed class OpenGlChoiceTests(VirtualScreen screen) : IClassFixture<VirtualScreen>, IDisposable
{
    private const string Egl = "libEGL.so.1";
    private const string Gl = "libGL.so.1";
    private const int Width = 320;
    private const int Height = 200;

    private readonly string _folder = Directory.CreateTempSubdirectory("splitvmm-gl").FullName;

    [Fact]
    public void EglAndGlx_EglIsPreferred()
    {
        using WindowProcess display = Start();

        Assert.Null(ShownDifference(display, "egl"));
        Assert.True(HasMapped(display, "libEGL_"), "no EGL driver");
        Assert.False(HasMapped(display, "libGLX_"), "GLX was used");
        Assert.Empty(display.Program.StandardError);
    }

    [Fact]
    public void EglLibraryMissing_DrawsByGlxAndSaysSo()
    {
        using WindowProcess display = Start(missing: [Egl]);

        Assert.Null(ShownDifference(display, "no-egl"));
        Assert.True(HasMapped(display, "libGLX_"), "no GLX driver");
        Assert.Equal(
            "OpenGL by GLX, for EGL does not work (libEGL.so.1 is missing); install the packages libegl1 and libegl-mesa0, or your graphics driver's",
            display.Program.StandardError.Trim());
    }

    [Fact]
    public void EglWithoutADriver_DrawsByGlxAndSaysSo()
    {
        // The dispatcher of glvnd loads, and finds nothing to dispatch to.
        using WindowProcess display = Start(("__EGL_VENDOR_LIBRARY_FILENAMES", "/nonexistent"));

        Assert.Null(ShownDifference(display, "glx-only"));
        Assert.True(HasMapped(display, "libGLX_"), "no GLX driver");
        Assert.Contains("OpenGL by GLX, for EGL does not work (Could not ", display.Program.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void NoOpenGl_InsistedOn_IsOneLineWithTheRemedyAndEnds()
    {
        VirtualScreen.Require();

        var failure = Assert.Throws<TimeoutException>(() => new WindowProcess(
            screen, $"{Width}x{Height}", renderer: "accelerated", environment: Without(Egl, Gl)));

        Assert.Contains("\nno accelerated renderer: neither GLX (", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("or your graphics driver's; or try --renderer software\n", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("software")]
    public void NoOpenGl_NotInsistedOn_DrawsByTheCpu(string renderer)
    {
        VirtualScreen.Require();
        using var display = new WindowProcess(screen, $"{Width}x{Height}", renderer: renderer, environment: Without(Egl, Gl));

        Assert.Null(ShownDifference(display, $"no-gl-{renderer}"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static uint Pattern(int x, int y) => (uint)((x * 7 % 256 << 16) | (y * 5 % 256 << 8) | ((x ^ y) & 0xFF));

    private static bool HasMapped(WindowProcess display, string library) =>
        File.ReadLines($"/proc/{display.Program.Pid}/maps").Any(line => line.Contains("/" + library, StringComparison.Ordinal));

    private static string? ShownDifference(WindowProcess display, string name)
    {
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, Pattern);
        display.Source.Show();
        return display.WaitForPicture(Path.Combine(SourceTree.OutputFolder("opengl-choice"), $"{name}.png"), Pattern);
    }

    private WindowProcess Start(params (string Name, string Value)[] variables) =>
        Start(variables.ToDictionary(variable => variable.Name, variable => variable.Value));

    private WindowProcess Start(string[] missing) => Start(Without(missing));

    private WindowProcess Start(Dictionary<string, string> environment) =>
        WindowProcess.StartAccelerated(screen, $"{Width}x{Height}", environment: environment);

    private Dictionary<string, string> Without(params string[] libraries)
    {
        foreach (string library in libraries)
        {
            File.WriteAllBytes(Path.Combine(_folder, library), []);
        }

        return new() { ["LD_LIBRARY_PATH"] = _folder };
    }
}
