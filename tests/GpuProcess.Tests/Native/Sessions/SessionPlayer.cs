using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Memory;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Sessions;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Tests.Native.Sessions;

/// <summary>
/// Plays what a guest did to native contexts on a GPU of software. It knows which contexts and resources there are, as the device
/// does that stands before them, and sees after each stream that the guest was told of every command.
/// </summary>
internal sealed unsafe class SessionPlayer : IDisposable
{
    /// <summary>Few, so that limits are met.</summary>
    private static readonly NativeLimits s_limits = new()
    {
        MaxBytes = 32 << 20,
        MaxObjects = 64,
        MaxQueues = 16,
        MaxAddressSpaces = 8,
        MaxBoundObjects = 8,
        MaxExternal = 8,
        MaxSyncFiles = 64,
    };

    private const int MostContexts = 16;
    private const uint MostRings = 8;

    private readonly EventLoop _loop = new();
    private readonly RetiredFences _retired = new();
    private readonly Dictionary<uint, SharedMapping?> _contexts = [];
    private readonly Dictionary<uint, BlobResource> _resources = [];
    private readonly Dictionary<uint, int> _fences = [];
    private readonly NativeRenderer _renderer;
    private uint _next;

    /// <param name="device">Owned from here on.</param>
    public SessionPlayer(SoftwareDrmDevice device)
    {
        Device = device;
        _renderer = NativeRenderer.Start(device, _loop, _retired, s_limits, new GuestLog(line => LastRefusal = line, int.MaxValue));
    }

    public SoftwareDrmDevice Device { get; }

    public NativeStatistics Statistics => _renderer.Statistics;

    /// <summary>The last line that was logged; null: nothing was refused.</summary>
    public string? LastRefusal { get; private set; }

    public void Play(IEnumerable<SessionEvent> session)
    {
        foreach (SessionEvent done in session)
        {
            Play(done);
        }
    }

    /// <summary>Ends everything, and sees that every fence of a context that lives has retired and that nothing is left.</summary>
    public void Dispose()
    {
        Device.Fails = null;
        Device.CompleteAll();
        _renderer.Poll();
        TakeFences();
        Assert.All(_fences, waiting => Assert.True(waiting.Value == 0, $"{waiting.Value} fences of context {waiting.Key} have not retired"));
        foreach (uint context in _contexts.Keys.ToArray())
        {
            DestroyContext(context);
        }

        foreach (BlobResource resource in _resources.Values)
        {
            _renderer.Destroy(resource);
        }

        _renderer.Dispose();
        _retired.Dispose();
        _loop.Dispose();
        Assert.Empty(Device.Violations);
        Assert.Equal((0, 0, 0), (Device.OpenFiles, Device.Gems.Count, Device.Outstanding));
        Assert.Equal((0UL, 0), (Statistics.Bytes, Statistics.SyncFiles));
    }

    private void Play(SessionEvent done)
    {
        bool hasContext = _contexts.ContainsKey(done.Context);
        BlobResource? resource = _resources.GetValueOrDefault(done.Resource);
        switch (done.Kind)
        {
            case SessionEventKind.Submit when hasContext:
                // Of whole words, as the device gives them.
                Submit(done.Context, done.Stream.AsSpan(0, done.Stream.Length & ~3));
                break;
            case SessionEventKind.CreateContext when !hasContext && done.Context != 0 && _contexts.Count < MostContexts:
                CreateContext(done.Context);
                break;
            case SessionEventKind.DestroyContext when hasContext:
                DestroyContext(done.Context);
                break;
            case SessionEventKind.CreateBlob when hasContext && resource is null && done.Resource != 0 && done.Size != 0:
                CreateBlob(done);
                break;
            case SessionEventKind.Export when resource is not null:
                Export(resource);
                break;
            case SessionEventKind.Attach when hasContext && resource is not null:
                _renderer.AttachToContext(done.Context, resource);
                break;
            case SessionEventKind.Detach when hasContext && resource is not null:
                _renderer.DetachFromContext(done.Context, resource);
                break;
            case SessionEventKind.Fence when hasContext:
                Fence(done.Context, done.Resource % MostRings);
                break;
            case SessionEventKind.DestroyResource when resource is not null:
                _ = _resources.Remove(done.Resource);
                _renderer.Destroy(resource);
                break;
            default:
                break;
        }
    }

    private void CreateContext(uint context)
    {
        if (_renderer.CreateContext(context, VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM, default) == VIRTIO_GPU_RESP_OK_NODATA)
        {
            _contexts.Add(context, null);
            _fences.Add(context, 0);
        }
    }

    private void DestroyContext(uint context)
    {
        TakeFences();
        _ = _fences.Remove(context);
        _ = _contexts.Remove(context, out SharedMapping? page);
        page?.Dispose();
        _renderer.DestroyContext(context);
    }

    private void CreateBlob(SessionEvent done)
    {
        var request = new VirtioGpuResourceCreateBlob
        {
            Hdr = { CtxId = done.Context },
            ResourceId = done.Resource,
            BlobMem = VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_HOST3D,
            BlobFlags = (VirtioGpuBlobFlags)(done.Flags & 7),
            BlobId = done.BlobId,
            Size = done.Size,
        };
        if (_renderer.CreateBlob(request, null, out BlobResource? made) != VIRTIO_GPU_RESP_OK_NODATA)
        {
            return;
        }

        _resources.Add(done.Resource, made!);
        if (done.BlobId == 0)
        {
            Assert.True(_renderer.TryExport(made!, out Descriptor? file, out _, out string why), why);
            using (file)
            {
                _contexts[done.Context] = SharedMapping.Create(file, 0, (nuint)made!.MappedSize);
            }
        }
    }

    private void Export(BlobResource resource)
    {
        if (_renderer.TryExport(resource, out Descriptor? file, out _, out _))
        {
            file.Dispose();
        }
    }

    private void Submit(uint context, ReadOnlySpan<byte> stream)
    {
        uint? last = LastOf(stream, _contexts[context]);
        fixed (byte* bytes = stream)
        {
            _ = _renderer.Submit(context, bytes, (uint)stream.Length);
        }

        if (last is { } seqno && _contexts[context] is { } page)
        {
            Assert.Equal(seqno, BitConverter.ToUInt32(page.Slice(0, sizeof(uint))));
        }
    }

    /// <summary>The number of the last command that has to be reported, with room made for the answers of all; null: there is none.</summary>
    private static uint? LastOf(ReadOnlySpan<byte> stream, SharedMapping? page)
    {
        uint? last = null;
        foreach (Range range in CommandRanges.Of(stream))
        {
            VdrmCcmdReq header = CommandRanges.Header(stream[range]);
            last = header.Seqno;
            if (page is not null && BitConverter.ToUInt32(page.Slice(4, 4)) is var first && header.RspOff % 4 == 0
                && header.RspOff < page.Length - first)
            {
                _ = BitConverter.TryWriteBytes(page.Slice(first + header.RspOff, 4), uint.MaxValue);
            }
        }

        return last;
    }

    private void Fence(uint context, uint ring)
    {
        if (_renderer.TryCreateContextFence(new FenceTimelineId(context, ring), ++_next))
        {
            _fences[context]++;
        }
    }

    private void TakeFences()
    {
        while (_loop.RunOnce(0) > 0)
        {
        }

        while (_retired.TryTake(out RetiredFence fence))
        {
            if (_fences.TryGetValue(fence.Timeline.Context, out int waiting))
            {
                _fences[fence.Timeline.Context] = waiting - 1;
            }
        }
    }
}
