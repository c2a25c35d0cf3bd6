using System.Runtime.CompilerServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Protocol;

/// <summary>Sizes and offsets as a C compiler gives them to the structs of virtio 1.3 section 5.7.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class WireLayoutTests
{
    [Fact]
    public void Header_Layout_IsTheSpecification()
    {
        LayoutAssert.Is<VirtioGpuCtrlHdr>(24, ("Type", 0), ("Flags", 4), ("FenceId", 8), ("CtxId", 16), ("RingIdx", 20));
        LayoutAssert.Is<VirtioGpuConfig>(
            20, ("EventsRead", 0), ("EventsClear", 4), ("NumScanouts", 8), ("NumCapsets", 12), ("BlobAlignment", 16));
    }

    [Fact]
    public void DisplayInfo_Layout_IsTheSpecification()
    {
        LayoutAssert.Is<VirtioGpuRect>(16, ("X", 0), ("Y", 4), ("Width", 8), ("Height", 12));
        LayoutAssert.Is<VirtioGpuDisplayOne>(24, ("R", 0), ("Enabled", 16), ("Flags", 20));
        LayoutAssert.Is<VirtioGpuRespDisplayInfo>(24 + (16 * 24), ("Hdr", 0), ("Pmodes", 24));
        Assert.Equal(16 * 24, Unsafe.SizeOf<VirtioGpuDisplayModes>());
        LayoutAssert.Is<VirtioGpuGetEdid>(32, ("Hdr", 0), ("Scanout", 24));
        LayoutAssert.Is<VirtioGpuRespEdid>(1056, ("Hdr", 0), ("Size", 24), ("Edid", 32));
        Assert.Equal(1024, Unsafe.SizeOf<VirtioGpuEdidBytes>());
    }

    [Fact]
    public void Resources2d_Layout_IsTheSpecification()
    {
        LayoutAssert.Is<VirtioGpuResourceCreate2d>(40, ("Hdr", 0), ("ResourceId", 24), ("Format", 28), ("Width", 32), ("Height", 36));
        LayoutAssert.Is<VirtioGpuSetScanout>(48, ("Hdr", 0), ("R", 24), ("ScanoutId", 40), ("ResourceId", 44));
        LayoutAssert.Is<VirtioGpuResourceFlush>(48, ("Hdr", 0), ("R", 24), ("ResourceId", 40));
        LayoutAssert.Is<VirtioGpuTransferToHost2d>(56, ("Hdr", 0), ("R", 24), ("Offset", 40), ("ResourceId", 48));
        LayoutAssert.Is<VirtioGpuResourceReference>(32, ("Hdr", 0), ("ResourceId", 24));
        LayoutAssert.Is<VirtioGpuResourceAttachBacking>(32, ("Hdr", 0), ("ResourceId", 24), ("NrEntries", 28));
        LayoutAssert.Is<VirtioGpuMemEntry>(16, ("Addr", 0), ("Length", 8));
        LayoutAssert.Is<VirtioGpuRespResourceUuid>(40, ("Hdr", 0), ("Uuid", 24));
    }

    [Fact]
    public void Capsets_Layout_IsTheSpecification()
    {
        LayoutAssert.Is<VirtioGpuGetCapsetInfo>(32, ("Hdr", 0), ("CapsetIndex", 24));
        LayoutAssert.Is<VirtioGpuRespCapsetInfo>(40, ("Hdr", 0), ("CapsetId", 24), ("CapsetMaxVersion", 28), ("CapsetMaxSize", 32));
        LayoutAssert.Is<VirtioGpuGetCapset>(32, ("Hdr", 0), ("CapsetId", 24), ("CapsetVersion", 28));
    }

    [Fact]
    public void Contexts3d_Layout_IsTheSpecification()
    {
        LayoutAssert.Is<VirtioGpuCtxCreate>(96, ("Hdr", 0), ("Nlen", 24), ("ContextInit", 28), ("DebugName", 32));
        LayoutAssert.Is<VirtioGpuCmdSubmit>(32, ("Hdr", 0), ("Size", 24), ("NumInFences", 28));
        LayoutAssert.Is<VirtioGpuResourceCreate3d>(
            72,
            ("Hdr", 0), ("ResourceId", 24), ("Target", 28), ("Format", 32), ("Bind", 36), ("Width", 40), ("Height", 44),
            ("Depth", 48), ("ArraySize", 52), ("LastLevel", 56), ("NrSamples", 60), ("Flags", 64));
        LayoutAssert.Is<VirtioGpuBox>(24, ("X", 0), ("Y", 4), ("Z", 8), ("W", 12), ("H", 16), ("D", 20));
        LayoutAssert.Is<VirtioGpuTransferHost3d>(
            72, ("Hdr", 0), ("Box", 24), ("Offset", 48), ("ResourceId", 56), ("Level", 60), ("Stride", 64), ("LayerStride", 68));
    }

    [Fact]
    public void Cursor_Layout_IsTheSpecification()
    {
        LayoutAssert.Is<VirtioGpuCursorPos>(16, ("ScanoutId", 0), ("X", 4), ("Y", 8));
        LayoutAssert.Is<VirtioGpuUpdateCursor>(56, ("Hdr", 0), ("Pos", 24), ("ResourceId", 40), ("HotX", 44), ("HotY", 48));
    }

    [Fact]
    public void Blob_Layout_IsTheSpecification()
    {
        LayoutAssert.Is<VirtioGpuResourceCreateBlob>(
            56,
            ("Hdr", 0), ("ResourceId", 24), ("BlobMem", 28), ("BlobFlags", 32), ("NrEntries", 36), ("BlobId", 40), ("Size", 48));
        LayoutAssert.Is<VirtioGpuSetScanoutBlob>(
            96,
            ("Hdr", 0), ("R", 24), ("ScanoutId", 40), ("ResourceId", 44), ("Width", 48), ("Height", 52), ("Format", 56),
            ("Strides", 64), ("Offsets", 80));
        LayoutAssert.Is<VirtioGpuResourceMapBlob>(40, ("Hdr", 0), ("ResourceId", 24), ("Offset", 32));
        LayoutAssert.Is<VirtioGpuRespMapInfo>(32, ("Hdr", 0), ("MapInfo", 24));
    }

    [Fact]
    public void CtrlType_Values_AreTheSpecification()
    {
        Assert.Equal(0x010Du, (uint)VirtioGpuCtrlType.VIRTIO_GPU_CMD_SET_SCANOUT_BLOB);
        Assert.Equal(0x0209u, (uint)VirtioGpuCtrlType.VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB);
        Assert.Equal(0x0301u, (uint)VirtioGpuCtrlType.VIRTIO_GPU_CMD_MOVE_CURSOR);
        Assert.Equal(0x1106u, (uint)VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_MAP_INFO);
        Assert.Equal(0x1205u, (uint)VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
    }
}
