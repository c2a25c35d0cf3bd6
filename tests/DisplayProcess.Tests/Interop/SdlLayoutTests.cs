using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.DisplayProcess.Interop;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Interop;

/// <summary>Sizes and offsets as a C compiler gives them for the headers of SDL 2.26 on x86-64.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class SdlLayoutTests
{
    [Theory]
    [InlineData(nameof(SDL_Event.Type), 0)]
    [InlineData(nameof(SDL_Event.WindowId), 8)]
    [InlineData(nameof(SDL_Event.WindowEvent), 12)]
    [InlineData(nameof(SDL_Event.WindowData1), 16)]
    [InlineData(nameof(SDL_Event.WindowData2), 20)]
    [InlineData(nameof(SDL_Event.KeyRepeat), 13)]
    [InlineData(nameof(SDL_Event.KeyScancode), 16)]
    [InlineData(nameof(SDL_Event.KeyModifiers), 24)]
    [InlineData(nameof(SDL_Event.MotionX), 20)]
    [InlineData(nameof(SDL_Event.MotionY), 24)]
    [InlineData(nameof(SDL_Event.MotionRelativeX), 28)]
    [InlineData(nameof(SDL_Event.MotionRelativeY), 32)]
    [InlineData(nameof(SDL_Event.FingerId), 16)]
    [InlineData(nameof(SDL_Event.FingerX), 24)]
    [InlineData(nameof(SDL_Event.FingerY), 28)]
    [InlineData(nameof(SDL_Event.FingerWindowId), 44)]
    [InlineData(nameof(SDL_Event.Button), 16)]
    [InlineData(nameof(SDL_Event.ButtonX), 20)]
    [InlineData(nameof(SDL_Event.ButtonY), 24)]
    [InlineData(nameof(SDL_Event.WheelDirection), 24)]
    [InlineData(nameof(SDL_Event.WheelPreciseX), 28)]
    [InlineData(nameof(SDL_Event.WheelPreciseY), 32)]
    [InlineData(nameof(SDL_Event.MouseId), 12)]
    [InlineData(nameof(SDL_Event.UserCode), 12)]
    [InlineData(nameof(SDL_Event.UserData), 16)]
    public void Event_Member_IsAtItsOffset(string member, int offset) => Assert.Equal(offset, (int)Marshal.OffsetOf<SDL_Event>(member));

    [Fact]
    public void Structs_HaveTheirSizes() => Assert.Equal(
        (56, 16, 24, 88, 3),
        (Unsafe.SizeOf<SDL_Event>(), Unsafe.SizeOf<SDL_Rect>(), Unsafe.SizeOf<SDL_DisplayMode>(), Unsafe.SizeOf<SDL_RendererInfo>(), Unsafe.SizeOf<SDL_version>()));

    [Theory]
    [InlineData(nameof(SDL_SysWMinfo.Version), 0)]
    [InlineData(nameof(SDL_SysWMinfo.Subsystem), 4)]
    [InlineData(nameof(SDL_SysWMinfo.WaylandDisplay), 8)]
    [InlineData(nameof(SDL_SysWMinfo.WaylandSurface), 16)]
    public void SysWMinfo_Member_IsAtItsOffset(string member, int offset)
    {
        Assert.Equal(offset, (int)Marshal.OffsetOf<SDL_SysWMinfo>(member));
        Assert.Equal(72, Unsafe.SizeOf<SDL_SysWMinfo>());
    }

    [Theory]
    [InlineData(nameof(XErrorEvent.ResourceId), 16)]
    [InlineData(nameof(XErrorEvent.Serial), 24)]
    [InlineData(nameof(XErrorEvent.ErrorCode), 32)]
    [InlineData(nameof(XErrorEvent.RequestCode), 33)]
    [InlineData(nameof(XErrorEvent.MinorCode), 34)]
    public void XErrorEvent_Member_IsAtItsOffset(string member, int offset)
    {
        Assert.Equal(offset, (int)Marshal.OffsetOf<XErrorEvent>(member));
        Assert.Equal(40, Unsafe.SizeOf<XErrorEvent>());
    }

    [Fact]
    public void DisplayMode_And_RendererInfo_MembersAreAtTheirOffsets()
    {
        Assert.Equal(12, (int)Marshal.OffsetOf<SDL_DisplayMode>(nameof(SDL_DisplayMode.RefreshRate)));
        Assert.Equal(4, (int)Marshal.OffsetOf<SDL_DisplayMode>(nameof(SDL_DisplayMode.W)));
        Assert.Equal(8, (int)Marshal.OffsetOf<SDL_RendererInfo>(nameof(SDL_RendererInfo.Flags)));
    }
}
