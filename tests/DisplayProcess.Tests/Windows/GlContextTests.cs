using System.Globalization;
using System.Runtime.InteropServices;
using SplitVmm.DisplayProcess.Backends.Sdl;
using SplitVmm.DisplayProcess.Interop;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>SDL inside the test program: after each context that is made for a window, the caller's own is current again.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed partial class GlContextTests(VirtualScreen screen) : IClassFixture<VirtualScreen>
{
    private const uint SDL_WINDOW_OPENGL = 2;
    private const int Windows = 3;

    [Fact]
    public void CreatePainters_WithTheCallersContextCurrent_RestoresIt()
    {
        VirtualScreen.Require();
        // SDL asks libc, which does not know what .NET sets.
        Libc.SetVariable("DISPLAY", screen.Environment["DISPLAY"]);
        var video = new SdlVideo(RendererKind.Accelerated);
        try
        {
            if (video.OpenGl == OpenGlPlatform.None)
            {
                Assert.Skip(video.OpenGlRemark!);
            }

            using SdlWindowHandle mine = Window(0, SDL_WINDOW_OPENGL);
            nint context = SDL_GL_CreateContext(mine);
            Assert.NotEqual(0, context);
            nint window = Sdl2.SDL_GL_GetCurrentWindow();

            for (int i = 1; i <= Windows; i++)
            {
                SdlWindowHandle other = Window(i, Sdl2.SDL_WINDOW_RESIZABLE);
                var painter = new SdlPainter(other, RendererKind.Accelerated, video.OpenGl);

                Assert.StartsWith("opengl", painter.Name, StringComparison.Ordinal);
                Assert.Equal((window, context), (Sdl2.SDL_GL_GetCurrentWindow(), Sdl2.SDL_GL_GetCurrentContext()));
                // As where a window ends with its process.
                painter.Abandon();
                other.SetHandleAsInvalid();
            }
        }
        finally
        {
            Sdl2.SDL_QuitSubSystem(Sdl2.SDL_INIT_VIDEO);
        }
    }

    private static SdlWindowHandle Window(int number, uint flags)
    {
        SdlWindowHandle window = Sdl2.SDL_CreateWindow(
            number.ToString(CultureInfo.InvariantCulture), Sdl2.SDL_WINDOWPOS_UNDEFINED, Sdl2.SDL_WINDOWPOS_UNDEFINED, 200, 100, flags);
        Assert.False(window.IsInvalid, Sdl2.LastError());
        return window;
    }

    [LibraryImport(Sdl2.Library)]
    private static partial nint SDL_GL_CreateContext(SdlWindowHandle window);
}
