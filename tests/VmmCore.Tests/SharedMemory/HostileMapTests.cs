using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.VmmCore.Devices;
using SplitVmm.VmmCore.SharedMemory;
using SplitVmm.VmmCore.Tests.Devices;
using Xunit;

namespace SplitVmm.VmmCore.Tests.SharedMemory;

/// <summary>What a gpu-process that was taken over can ask for over its socket: each is refused, and the device goes on.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed partial class HostileMapTests : IDisposable
{
    private const ulong Size = 64UL << 20;
    private const ulong Page = 4096;
    private const ulong Features = VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX;

    private static readonly VhostUserDeviceOptions s_gpu = new(VirtioDeviceId.Gpu) { Recoverable = true };

    private readonly VhostUserBench _bench = new(new EchoDevice { SharedMemory = [0, Size] }, s_gpu);
    private readonly MemFd _file = MemFd.Create("good", 64 << 20, Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW);

    public HostileMapTests()
    {
        _bench.Start(Features);
        Assert.True(Map(1, 16 * Page, Page, _file, 0));
    }

    [Theory]
    [InlineData(0, 0, Page, 0, "there is no shared memory region 0")]
    [InlineData(2, 0, Page, 0, "there is no shared memory region 2")]
    [InlineData(1, 0, 0, 0, "not whole pages")]
    [InlineData(1, 1, Page, 0, "not whole pages")]
    [InlineData(1, 0, Page + 1, 0, "not whole pages")]
    [InlineData(1, Size, Page, 0, "not inside the window")]
    [InlineData(1, Size - Page, 2 * Page, 0, "not inside the window")]
    [InlineData(1, 0, Size + Page, 0, "not inside the window")]
    [InlineData(1, 0xFFFF_FFFF_FFFF_F000, Page, 0, "not inside the window")]
    [InlineData(1, Page, 0xFFFF_FFFF_FFFF_F000, 0, "not inside the window")]
    [InlineData(1, 0xFFFF_FFFF_FFFF_F000, 2 * Page, 0, "not inside the window")]
    [InlineData(1, 0, Page, 1, "no multiple of the page size")]
    [InlineData(1, 0, Page, 0xFFFF_FFFF_FFFF_F000, "no multiple of the page size")]
    [InlineData(1, 0, Page, 0x7FFF_FFFF_FFFF_F000, "of a file of")]
    [InlineData(1, 0, 2 * Page, (64UL << 20) - Page, "of a file of")]
    [InlineData(1, 0, Page, 64UL << 20, "of a file of")]
    [InlineData(1, 16 * Page, Page, 0, "something is mapped there already")]
    [InlineData(1, 15 * Page, 2 * Page, 0, "something is mapped there already")]
    [InlineData(1, 10 * Page, 20 * Page, 0, "something is mapped there already")]
    public void Map_OutsideOfWhatIsPossible_IsRefused(byte id, ulong at, ulong length, ulong from, string reason)
    {
        Assert.False(Map(id, at, length, _file, from));
        AssertRefused(reason);
    }

    [Fact]
    public void Map_ThatTouchesOthers_IsDone()
    {
        Assert.True(Map(1, 15 * Page, Page, _file, 0));
        Assert.True(Map(1, 17 * Page, Page, _file, 0));
        Assert.True(Map(1, Size - Page, Page, _file, 0));
        Assert.True(Map(1, 0, Page, _file, (64UL << 20) - Page));
    }

    [Theory]
    [InlineData(2UL)]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    public void Map_WithOtherFlags_IsRefused(ulong flags)
    {
        var range = new VhostUserMMap { ShmId = 1, Length = Page, Flags = flags };

        Assert.Contains("only mappings for reading and writing", _bench.Device.Window!.TryMap(range, _file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16 * Page, 2 * Page)]
    [InlineData(15 * Page, Page)]
    [InlineData(0, Page)]
    public void Unmap_OfWhatIsNotMapped_IsRefused(ulong at, ulong length)
    {
        Assert.False(_bench.Ask(backEnd => backEnd.TryUnmap(1, at, length)));
        AssertRefused("no such mapping");
    }

    [Fact]
    public void Map_OfThingsThatAreNoMemory_IsRefused()
    {
        using var pipe = new AnonymousPipeServerStream();
        using Descriptor directory = Open("/");
        using Descriptor zero = Open("/dev/zero");
        using Descriptor text = Open(typeof(HostileMapTests).Assembly.Location);
        (UnixSocket one, UnixSocket other) = UnixSocket.CreateStreamPair();
        using EventFd line = EventFd.Create();
        using var pipeEnd = new Descriptor((int)pipe.SafePipeHandle.DangerousGetHandle());
        try
        {
            foreach (Descriptor file in (Descriptor[])[pipeEnd, directory, zero, text, one, line])
            {
                Assert.False(Map(1, 0, Page, file, 0));
                AssertRefused("neither a memfd nor a dma-buf");
            }
        }
        finally
        {
            // The stream owns it.
            pipeEnd.SetHandleAsInvalid();
            one.Dispose();
            other.Dispose();
        }
    }

    [Fact]
    public void Map_OfAMemfdThatCanShrink_SealsItFirst()
    {
        using MemFd open = MemFd.Create("open", (long)Page, Seals.None);
        Assert.True(Map(1, 0, Page, open, 0));
        Assert.True(MemFd.TryGetSeals(open, out Seals seals));
        Assert.True(seals.HasFlag(Seals.F_SEAL_SHRINK), $"{seals}");
        _bench.Slot.At(0, 1)[0] = 1;
    }

    [Theory]
    [InlineData(Seals.F_SEAL_SEAL, "its owner can make shorter")]
    [InlineData(Seals.F_SEAL_SHRINK | Seals.F_SEAL_WRITE, "cannot be written to")]
    [InlineData(Seals.F_SEAL_SHRINK | Seals.F_SEAL_FUTURE_WRITE, "cannot be written to")]
    public void Map_OfAMemfdWithWrongSeals_IsRefused(Seals seals, string reason)
    {
        using MemFd file = MemFd.Create("sealed", (long)Page, seals);
        Assert.False(Map(1, 0, Page, file, 0));
        AssertRefused(reason);
    }

    [Fact]
    public void Map_OfAnEmptyMemfd_IsRefused()
    {
        using MemFd file = MemFd.Create("empty", 0, Seals.None);
        Assert.False(Map(1, 0, Page, file, 0));
        AssertRefused("of a file of 0 bytes");
    }

    [Fact]
    public void Map_AHundredThousandTimes_EndsAtTheQuota()
    {
        // Every second page: none of the mappings can be joined.
        using var bench = new VhostUserBench(new EchoDevice { SharedMemory = [0, 1UL << 30] }, s_gpu);
        bench.Start(Features);
        int done = 0;
        for (int batch = 0; batch < 100; batch++)
        {
            int first = batch * 1000;
            int taken = 0;
            _ = bench.Ask(backEnd =>
            {
                for (int i = first; i < first + 1000; i++)
                {
                    taken += backEnd.TryMap(1, (ulong)i * 2 * Page, Page, _file, 0) ? 1 : 0;
                }

                return true;
            });
            done += taken;
        }

        Assert.Equal(SharedMemoryWindow.MaxMappings, done);
        Assert.Equal(SharedMemoryWindow.MaxMappings, bench.Device.Window!.Count);
        Assert.Equal(16, bench.Refusals.Count);
        Assert.EndsWith("further ones are not shown", bench.Refusals[^1], StringComparison.Ordinal);
        AssertServes(bench, 1);
        // A reset by the guest takes everything away in one go.
        var clock = Stopwatch.StartNew();
        bench.Driver.Status = VirtioStatus.None;
        Assert.Equal(0, bench.Device.Window.Count);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10));
        Assert.True(bench.Ask(backEnd => backEnd.TryMap(1, 0, Page, _file, 0)));
    }

    [Fact]
    public void BackEndDies_WindowIsEmptyBeforeTheNextOneSpeaks()
    {
        _bench.Slot.At(16 * Page, 1)[0] = 5;
        _bench.LoseBackEnd();
        Assert.Equal(0, _bench.Device.Window!.Count);
        Assert.Equal(0, _bench.Slot.At(16 * Page, 1)[0]);

        _bench.ReconnectAndWait(new EchoDevice { SharedMemory = [0, Size] });
        Assert.True(Map(1, 16 * Page, Page, _file, 0));
        Assert.Equal(5, _bench.Slot.At(16 * Page, 1)[0]);
    }

    [Fact]
    public void Reconnect_WithAnotherWindow_IsRefused()
    {
        _bench.LoseBackEnd();
        _bench.Reconnect(new EchoDevice { SharedMemory = [0, 2 * Size] });

        Assert.True(_bench.WaitFor(() => _bench.LostReason?.Contains("shared memory region is another", StringComparison.Ordinal) == true));
    }

    [Theory]
    [InlineData(new ulong[] { Page }, "power of two from 1 MiB")]
    [InlineData(new ulong[] { 3 << 20 }, "power of two from 1 MiB")]
    [InlineData(new ulong[] { 1UL << 40 }, "power of two from 1 MiB")]
    [InlineData(new ulong[] { 1 << 20, 1 << 20 }, "power of two from 1 MiB")]
    public void Open_WithARegionThatCannotBe_Fails(ulong[] sizes, string reason)
    {
        VhostUserDeviceException error = Assert.Throws<VhostUserDeviceException>(
            () => new VhostUserBench(new EchoDevice { SharedMemory = sizes }, s_gpu));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _bench.Dispose();
        _file.Dispose();
    }

    private static Descriptor Open(string path)
    {
        int number = open(path, 0);
        Assert.True(number >= 0, path);
        return new Descriptor(number);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    private static void AssertServes(VhostUserBench bench, byte value)
    {
        ulong answer = bench.Send(value);
        Assert.True(bench.WaitFor(() => bench.Queue.UsedIndex == 1));
        Assert.Equal(value, bench.Memory.Span(answer, 1)[0]);
    }

    private bool Map(byte id, ulong at, ulong length, Descriptor file, ulong from) =>
        _bench.Ask(backEnd => backEnd.TryMap(id, at, length, file, from));

    /// <summary>The log names it, and the device goes on.</summary>
    private void AssertRefused(string reason)
    {
        Assert.Contains(reason, _bench.Refusals[^1], StringComparison.Ordinal);
        Assert.Null(_bench.LostReason);
        Assert.Equal(1, _bench.Device.Window!.Count);
        _bench.Slot.At(0, 1)[0] = 1;
        if (_bench.Queue.UsedIndex == 0)
        {
            AssertServes(_bench, 7);
        }
    }
}
