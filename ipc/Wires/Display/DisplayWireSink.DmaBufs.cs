using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Display;

/// <summary>Scanouts of dma-bufs: their configurations and buffers, and frames that the GPU has not finished yet.</summary>
public sealed partial class DisplayWireSink
{
    // A GPU that takes longer for a picture is not waited for: what is there is shown.
    private static readonly TimeSpan s_fencePatience = TimeSpan.FromSeconds(1);

    private readonly DamageRectangle[] _fencedDamage = new DamageRectangle[DisplayProtocol.MaxDamageRectangles];
    private FenceWait? _fenceWait;
    private Frame _fenced;

    /// <summary>Bytes of a received descriptor, null if it is no dma-buf; a test without the kernel's says otherwise.</summary>
    internal Func<Descriptor, ulong?> DmaBufSize { get; init; } = DmaBufValidation.SizeOf;

    private WireError? ReceiveDmaBufScanoutSet(ReadOnlySpan<byte> body)
    {
        const string Message = "dma-buf scanout set";
        WireError? error = WireBody.Read(DisplayValidation.Wire, Message, body, out DmaBufConfiguration configuration)
            ?? DmaBufValidation.Check(in configuration);
        if (error is not null)
        {
            return error;
        }

        if (Array.IndexOf(_formats, new PictureFormat(configuration.Format, configuration.Modifier)) < 0)
        {
            return DisplayValidation.Error(Message, "format", $"{configuration.Format} with modifier 0x{configuration.Modifier:x} was not announced");
        }

        FramesInFlight scanout = _scanouts[configuration.Scanout];
        if (!scanout.IsNewGeneration(configuration.Generation))
        {
            return DisplayValidation.Error(Message, "generation", $"{configuration.Generation} is that of the configuration before");
        }

        scanout.Set(in configuration);
        _handler.OnDmaBufScanoutSet(in configuration);
        return null;
    }

    private WireError? ReceiveBufferSet(ReadOnlySpan<byte> body, List<Descriptor> planes)
    {
        const string Message = "buffer set";
        WireError? error = WireBody.Read(DisplayValidation.Wire, Message, body, out DmaBufBuffer buffer)
            ?? DisplayValidation.CheckScanout(buffer.Scanout, Message);
        if (error is not null)
        {
            return error;
        }

        FramesInFlight scanout = _scanouts[buffer.Scanout];
        if (!scanout.IsSet || !scanout.IsDmaBuf || buffer.Generation != scanout.Generation)
        {
            return DisplayValidation.Error(Message, "generation", $"{buffer.Generation} is not that of a configuration of dma-bufs");
        }

        DmaBufConfiguration configuration = scanout.DmaBufs;
        error = DmaBufValidation.Check(in buffer, in configuration)
            ?? WireBody.CheckDescriptors(DisplayValidation.Wire, Message, planes, (int)configuration.PlaneCount);
        if (error is null && scanout.IsBusy(buffer.Buffer))
        {
            error = DisplayValidation.Error(Message, "buffer", $"{buffer.Buffer} still awaits its frame done");
        }

        for (int i = 0; i < planes.Count && error is null; i++)
        {
            DmaBufPlane plane = buffer.Planes[i];
            error = DmaBufValidation.CheckMemory(i, in plane, in configuration, DmaBufSize(planes[i]));
        }

        if (error is not null)
        {
            return error;
        }

        scanout.SetPresent(buffer.Buffer, true);
        if (!_handler.OnBufferSet(in buffer, CollectionsMarshal.AsSpan(planes)))
        {
            _outbox.Refuse(new BufferReference { Scanout = buffer.Scanout, Generation = buffer.Generation, Buffer = buffer.Buffer });
            Flush();
        }

        return null;
    }

    private WireError? ReceiveBufferForget(ReadOnlySpan<byte> body)
    {
        const string Message = "buffer forget";
        WireError? error = WireBody.Read(DisplayValidation.Wire, Message, body, out BufferReference reference)
            ?? DmaBufValidation.Check(in reference, Message);
        if (error is not null)
        {
            return error;
        }

        FramesInFlight scanout = _scanouts[reference.Scanout];
        if (!scanout.IsSet || !scanout.IsDmaBuf || reference.Generation != scanout.Generation || !scanout.IsPresent(reference.Buffer))
        {
            return DisplayValidation.Error(Message, "buffer", $"{reference.Buffer} of generation {reference.Generation} is not there");
        }

        scanout.SetPresent(reference.Buffer, false);
        scanout.End(reference.Buffer);
        _handler.OnBufferForgotten(reference.Scanout, reference.Buffer);
        return null;
    }

    private void HoldUntilComplete(in Frame frame, ReadOnlySpan<DamageRectangle> damage, Descriptor fence)
    {
        // Whatever the source says next it says after this frame.
        _fenced = frame;
        damage.CopyTo(_fencedDamage);
        _connection.Hold();
        _fenceWait = new FenceWait(_loop, fence, s_fencePatience, OnFenceOver);
    }

    private void OnFenceOver()
    {
        EndFenceWait();
        _handler.OnFrame(in _fenced, _fencedDamage.AsSpan(0, (int)_fenced.DamageCount));
        _connection.Resume();
    }

    private void EndFenceWait()
    {
        _fenceWait?.Dispose();
        _fenceWait = null;
    }
}
