using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Memory;
using SplitVmm.SoftwareDrm;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>A renderer of native contexts on a device of software, called without queues.</summary>
internal sealed unsafe class NativeRig : IDisposable
{
    public const VirtioGpuBlobFlags Mappable = VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE;
    public const VirtioGpuBlobFlags Shared = Mappable | VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_SHAREABLE;

    private readonly Dictionary<uint, SharedMapping> _pages = [];
    private readonly List<BlobResource> _resources = [];

    /// <param name="between">Puts something before the device.</param>
    /// <param name="log">Null: all lines go to <see cref="Log"/>.</param>
    public NativeRig(
        SoftwareDrmDevice device, NativeLimits? limits = null, Func<IDrmDevice, IDrmDevice>? between = null, GuestLog? log = null)
    {
        Device = device;
        Renderer = NativeRenderer.Start(between?.Invoke(device) ?? device, Loop, Retired, limits ?? new NativeLimits(), log ?? new GuestLog(Log.Add, int.MaxValue));
    }

    public SoftwareDrmDevice Device { get; }

    public EventLoop Loop { get; } = new();

    public RetiredFences Retired { get; } = new();

    public NativeRenderer Renderer { get; }

    public List<string> Log { get; } = [];

    public VdrmStream Stream { get; } = new();

    public uint LastSeqno(uint context) => Page(context)[0];

    /// <summary>Makes a context and its page, which is resource 1000 + context.</summary>
    public void CreateContext(uint context, uint pageSize = 0x4000)
    {
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, Renderer.CreateContext(context, VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM, default));
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, CreateBlob(context, 1000 + context, 0, pageSize, Mappable, out BlobResource? page));
        Assert.True(Renderer.TryExport(page!, out Descriptor? file, out VirtioGpuMapInfo cache, out string why), why);
        using (file)
        {
            _pages.Add(context, SharedMapping.Create(file, 0, pageSize));
        }

        Assert.Equal(VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED, cache);
    }

    public VirtioGpuCtrlType CreateBlob(
        uint context, uint resource, ulong blobId, ulong size, VirtioGpuBlobFlags flags, out BlobResource? made)
    {
        var request = new VirtioGpuResourceCreateBlob
        {
            Hdr = { CtxId = context },
            ResourceId = resource,
            BlobMem = VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_HOST3D,
            BlobFlags = flags,
            BlobId = blobId,
            Size = size,
        };
        VirtioGpuCtrlType result = Renderer.CreateBlob(request, null, out made);
        if (made is not null)
        {
            _resources.Add(made);
        }

        return result;
    }

    /// <summary>Words of a context's page.</summary>
    public Span<uint> Page(uint context) => MemoryMarshal.Cast<byte, uint>(_pages[context].Slice(0, (int)_pages[context].Length));

    /// <summary>Sends what <see cref="Stream"/> holds.</summary>
    public VirtioGpuCtrlType Submit(uint context) => Submit(context, Stream.Take());

    public VirtioGpuCtrlType Submit(uint context, byte[] stream)
    {
        fixed (byte* bytes = stream)
        {
            return Renderer.Submit(context, bytes, (uint)stream.Length);
        }
    }

    /// <summary>Says how much room there is for an answer, sends, and reads the answer.</summary>
    /// <param name="request">Of the command; the header is filled in.</param>
    /// <param name="answerSize">Bytes.</param>
    public byte[] Ask<T>(uint context, Enum command, T request, ReadOnlySpan<byte> tail, int answerSize)
        where T : unmanaged
    {
        Span<byte> room = Answers(context)[..answerSize];
        room.Fill(0xEE);
        MemoryMarshal.Write(room, answerSize);
        Stream.Add(command, request, tail);
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, Submit(context));
        Assert.Equal(Stream.Seqno, LastSeqno(context));
        Assert.Equal(answerSize, MemoryMarshal.Read<int>(room));
        return room.ToArray();
    }

    public Span<byte> Answers(uint context) =>
        _pages[context].Slice(Page(context)[1], (int)(_pages[context].Length - Page(context)[1]));

    /// <summary>Sends commands without an answer, which must not be refused.</summary>
    public void Do<T>(uint context, Enum command, T request, ReadOnlySpan<byte> tail = default)
        where T : unmanaged
    {
        Stream.Add(command, request, tail);
        Assert.True(VIRTIO_GPU_RESP_OK_NODATA == Submit(context), string.Join('\n', Log));
        Assert.Equal(Stream.Seqno, LastSeqno(context));
    }

    /// <summary>Sends a command that must be refused before the kernel sees anything of it.</summary>
    public void Refuse<T>(uint context, Enum command, T request, ReadOnlySpan<byte> tail = default)
        where T : unmanaged
    {
        int calls = Device.Calls.Values.Sum();
        long refused = Renderer.Statistics.Refused;
        Stream.Add(command, request, tail);
        _ = Submit(context);
        Assert.Equal(Stream.Seqno, LastSeqno(context));
        Assert.Equal(refused + 1, Renderer.Statistics.Refused);
        Assert.Equal(calls, Device.Calls.Values.Sum());
    }

    /// <summary>Lets the loop run until nothing more is ready, and gives the fences that have retired.</summary>
    public List<RetiredFence> TakeFences()
    {
        while (Loop.RunOnce(0) > 0)
        {
        }

        var fences = new List<RetiredFence>();
        while (Retired.TryTake(out RetiredFence fence))
        {
            fences.Add(fence);
        }

        return fences;
    }

    public void DestroyContext(uint context)
    {
        if (_pages.Remove(context, out SharedMapping? page))
        {
            page.Dispose();
        }

        Renderer.DestroyContext(context);
    }

    public IReadOnlyList<BlobResource> Resources => _resources;

    public bool HasContext(uint context) => _pages.ContainsKey(context);

    public void DestroyResource(BlobResource resource)
    {
        _ = _resources.Remove(resource);
        Renderer.Destroy(resource);
    }

    /// <summary>Ends everything, and sees that nothing is left.</summary>
    public void Dispose()
    {
        foreach (SharedMapping page in _pages.Values)
        {
            page.Dispose();
            Assert.True(page.IsClosed);
        }

        foreach (BlobResource resource in _resources)
        {
            Renderer.Destroy(resource);
        }

        Renderer.Dispose();
        Assert.Empty(Device.Violations);
        Assert.Equal((0, 0), (Device.OpenFiles, Device.Gems.Count));
        Assert.Equal((0UL, 0), (Renderer.Statistics.Bytes, Renderer.Statistics.SyncFiles));
        Retired.Dispose();
        Loop.Dispose();
    }

    public static T Read<T>(ReadOnlySpan<byte> answer)
        where T : unmanaged
    {
        Assert.True(answer.Length >= Unsafe.SizeOf<T>());
        return MemoryMarshal.Read<T>(answer);
    }
}
