using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.SoftwareDrm;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>A context that has been through its driver's session (<see cref="NativeSeeds"/>), and what its commands allocate.</summary>
internal sealed class CommandMeter : IDisposable
{
    /// <summary>The context.</summary>
    public const uint Context = 1;

    /// <summary>The object of the session, and its resource.</summary>
    public const uint Blob = 7;

    private const int Rounds = 200;

    private readonly string _driver;
    private readonly AllocationMeter _meter;
    private readonly byte[][] _session;
    private readonly long _refused;

    /// <param name="linesPerSecond">Of what is said of refused commands.</param>
    public CommandMeter(string driver, int linesPerSecond = int.MaxValue)
    {
        AllocationMeter? meter = null;
        _driver = driver;
        Rig = new NativeRig(
            NativeSeeds.Device(driver), between: device => meter = new AllocationMeter(device), log: new GuestLog(Lines.Add, linesPerSecond));
        _meter = meter!;
        Rig.CreateContext(Context);
        _session = NativeSeeds.Session(driver, 1, Blob);
        // The last two end what the others use.
        foreach (byte[] command in _session[..^2])
        {
            _ = Rig.Submit(Context, command);
            _ = MakeResource(Blob);
        }

        _ = Rig.TakeFences();
        _refused = Rig.Renderer.Statistics.Refused;
    }

    public NativeRig Rig { get; }

    /// <summary>Commands of the session.</summary>
    public int Commands => _session.Length;

    /// <summary>What was said of refused commands.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>Commands that were refused since the session.</summary>
    public long Refused => Rig.Renderer.Statistics.Refused - _refused;

    /// <summary>Bytes for each time that a command of the session is sent and its work, if any, completed.</summary>
    public int BytesOf(int command, Completion completion)
    {
        Rig.Device.Completion = completion;
        return Average(() =>
        {
            _ = Rig.Submit(Context, _session[command]);
            Rig.Device.CompleteAll();
            Rig.Renderer.Poll();
        });
    }

    /// <summary>Bytes for each time that something is made by a command of the session, and ended by another one.</summary>
    /// <param name="idInAnswer">Where the answer has the kernel's name for it; below 0: it has none.</param>
    /// <param name="idInCommand">Where the command that ends it has that name.</param>
    public int BytesOfPair(int makes, int ends, int idInAnswer, int idInCommand) => Average(() =>
    {
        Span<byte> answer = Rig.Answers(Context);
        // The guest's room, which the answer's length takes the place of.
        MemoryMarshal.Write(answer, 256);
        _ = Rig.Submit(Context, _session[makes]);
        if (idInAnswer >= 0)
        {
            uint id = BinaryPrimitives.ReadUInt32LittleEndian(answer[idInAnswer..]);
            BinaryPrimitives.WriteUInt32LittleEndian(_session[ends].AsSpan(idInCommand), id);
        }

        _ = Rig.Submit(Context, _session[ends]);
    });

    /// <summary>Bytes for each object that is made by a command, becomes a resource and ends.</summary>
    /// <param name="blob">The command's name for it.</param>
    public int BytesOfObject(int command, uint blob)
    {
        Rig.DestroyResource(Rig.Resources.FirstOrDefault(resource => resource.Id == blob) ?? MakeResource(blob)!);
        return Average(() =>
        {
            _ = Rig.Submit(Context, _session[command]);
            Rig.DestroyResource(MakeResource(blob)!);
        });
    }

    /// <summary>Bytes for each context, with its page, that begins and ends.</summary>
    public int BytesOfContext() => Average(() =>
    {
        Rig.CreateContext(Context + 1);
        Rig.DestroyResource(Rig.Resources[^1]);
        Rig.DestroyContext(Context + 1);
    });

    /// <summary>
    /// Bytes for each time that a stream with two submissions is sent, with a fence of the guest's behind each, and the work ends:
    /// the younger before the older, each seen by the event loop.
    /// </summary>
    /// <param name="rings">That of the first and of the second.</param>
    public int BytesOfSubmissions(byte[] stream, (uint First, uint Second) rings, out int fences)
    {
        Rig.Device.Completion = Completion.ByHand;
        int retired = 0;
        int bytes = Average(() =>
        {
            _ = Rig.Submit(Context, stream);
            _ = Rig.Renderer.TryCreateContextFence(new FenceTimelineId(Context, rings.First), 1);
            _ = Rig.Renderer.TryCreateContextFence(new FenceTimelineId(Context, rings.Second), 2);
            retired += Retire();
            Rig.Device.Complete(1);
            retired += Retire();
            Rig.Device.Complete(0);
            retired += Retire();
        });
        fences = retired / Rounds / 2;
        return bytes;
    }

    /// <summary>Bytes for each time that a stream is sent.</summary>
    public int BytesOfStream(byte[] stream) => Average(() => _ = Rig.Submit(Context, stream));

    public void Dispose() => Rig.Dispose();

    private BlobResource? MakeResource(uint blob) =>
        Rig.CreateBlob(Context, blob, blob, _driver == "asahi" ? 1UL << 14 : 4096, NativeRig.Shared, out BlobResource? made)
            == VIRTIO_GPU_RESP_OK_NODATA ? made : null;

    private int Retire()
    {
        int count = 0;
        while (Rig.Loop.RunOnce(0) > 0)
        {
        }

        _ = Rig.Retired.TryAcknowledge();
        while (Rig.Retired.TryTake(out _))
        {
            count++;
        }

        return count;
    }

    private int Average(Action once)
    {
        Repeat(once);
        long before = _meter.Outside;
        Repeat(once);
        // Rounded up: a single byte in all rounds together is one too many.
        return (int)((_meter.Outside - before + Rounds - 1) / Rounds);
    }

    private static void Repeat(Action once)
    {
        for (int i = 0; i < Rounds; i++)
        {
            once();
        }
    }
}
