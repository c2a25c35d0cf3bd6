using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Memory;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Cursors;

/// <summary>Keeps the guest's cursors and brings them to the display; of several changes the last one counts.</summary>
internal sealed unsafe class CursorPresenter
{
    private readonly Cursor[] _cursors;
    private readonly PictureReader _pictures;
    private readonly Action<string> _log;

    public CursorPresenter(int count, PictureReader pictures, Action<string> log)
    {
        _pictures = pictures;
        _log = log;
        _cursors = new Cursor[count];
        for (int i = 0; i < count; i++)
        {
            _cursors[i] = new Cursor((uint)i);
        }
    }

    /// <summary>The wire to a display that has said hello; null: nobody looks.</summary>
    public DisplayWireSource? Wire { get; set; }

    /// <summary>VIRTIO_GPU_CMD_UPDATE_CURSOR with a resource: its pixels become the cursor.</summary>
    /// <param name="resource">A picture of a known format, or a blob, at most as large as the wire allows.</param>
    /// <param name="layout">How the picture lies in a blob.</param>
    public VirtioGpuCtrlType SetImage(uint scanout, GpuResource resource, BlobLayout? layout, uint hotX, uint hotY)
    {
        Cursor cursor = _cursors[scanout];
        (uint width, uint height, uint format) = layout is { } picture
            ? (picture.Width, picture.Height, picture.Format)
            : (resource.Width, resource.Height, resource.Format);
        uint stride = width * PixelFormats.BytesPerPixel;
        MemFd? memory = null;
        try
        {
            // The display copies when it gets round to it: each image has memory of its own.
            memory = MemFd.Create("splitvmm-cursor", (long)stride * height, Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW);
            using var mapping = SharedMapping.Create(memory, 0, stride * (nuint)height);
            // The mapping has Height rows of stride bytes.
            if (!_pictures.TryRead(resource, layout, new VirtioGpuRect(0, 0, width, height), mapping.Pointer, stride))
            {
                memory.Dispose();
                return VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_UNSPEC;
            }
        }
        catch (ErrnoException error)
        {
            memory?.Dispose();
            _log($"no memory for a cursor: {error.Message}");
            return VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }

        cursor.Memory?.Dispose();
        cursor.Memory = memory;
        cursor.Image = new CursorImage
        {
            Scanout = scanout,
            HotX = Math.Min(hotX, width - 1),
            HotY = Math.Min(hotY, height - 1),
            Width = width,
            Height = height,
            Format = WithAlpha(PixelFormats.ToFourcc(format)),
            Stride = stride,
        };
        cursor.ImagePending = true;
        return VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;
    }

    public void Hide(uint scanout)
    {
        Cursor cursor = _cursors[scanout];
        cursor.Memory?.Dispose();
        cursor.Memory = null;
        cursor.ImagePending = false;
    }

    /// <summary>Puts the cursor's image, by its top left corner, somewhere on the scanout or beside it.</summary>
    public void Move(uint scanout, int left, int top)
    {
        const int Limit = (int)DisplayProtocol.MaxDimension;
        Cursor cursor = _cursors[scanout];
        // The guest names the corner of the image, the wire wants the point that points.
        var position = new CursorPosition
        {
            Scanout = scanout,
            X = (int)Math.Clamp(left + (long)cursor.Image.HotX, -Limit, Limit),
            Y = (int)Math.Clamp(top + (long)cursor.Image.HotY, -Limit, Limit),
        };
        if (cursor.Position.X != position.X || cursor.Position.Y != position.Y)
        {
            cursor.Position = position;
            cursor.PositionPending = true;
        }
    }

    /// <summary>Tells the display what it does not know, as far as the wire takes it.</summary>
    public void Present()
    {
        if (Wire is not { } wire)
        {
            return;
        }

        foreach (Cursor cursor in _cursors)
        {
            if (!Present(cursor, wire))
            {
                return;
            }
        }
    }

    /// <summary>The display has gone, or a new one knows nothing yet.</summary>
    public void ForgetDisplay()
    {
        foreach (Cursor cursor in _cursors)
        {
            cursor.IsOnWire = false;
            cursor.ImagePending = cursor.Memory is not null;
            cursor.PositionPending = true;
        }
    }

    public void Reset()
    {
        for (uint i = 0; i < _cursors.Length; i++)
        {
            Hide(i);
        }

        Present();
    }

    // A cursor has alpha whatever its resource says: Linux makes all of its plain buffers B8G8R8X8, those of cursors too.
    private static DrmFourcc WithAlpha(DrmFourcc format) => format switch
    {
        DrmFourcc.DRM_FORMAT_XRGB8888 => DrmFourcc.DRM_FORMAT_ARGB8888,
        DrmFourcc.DRM_FORMAT_XBGR8888 => DrmFourcc.DRM_FORMAT_ABGR8888,
        DrmFourcc.DRM_FORMAT_BGRX8888 => DrmFourcc.DRM_FORMAT_BGRA8888,
        DrmFourcc.DRM_FORMAT_RGBX8888 => DrmFourcc.DRM_FORMAT_RGBA8888,
        _ => format,
    };

    private static bool Present(Cursor cursor, DisplayWireSource wire)
    {
        if (cursor.Memory is null)
        {
            if (cursor.IsOnWire)
            {
                cursor.IsOnWire = wire.HideCursor(cursor.Position.Scanout) != SocketStatus.Done;
            }

            return !cursor.IsOnWire;
        }

        if (cursor.ImagePending)
        {
            if (wire.SendCursorImage(cursor.Image, cursor.Memory) != SocketStatus.Done)
            {
                return false;
            }

            cursor.ImagePending = false;
            cursor.IsOnWire = true;
        }

        if (cursor.PositionPending)
        {
            cursor.PositionPending = wire.MoveCursor(cursor.Position) != SocketStatus.Done;
        }

        return !cursor.PositionPending;
    }
}
