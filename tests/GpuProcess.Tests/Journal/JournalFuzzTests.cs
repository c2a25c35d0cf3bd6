using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Replay;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Journal;

/// <summary>A journal that may say anything: the process that finds it starts, serves and takes no more than it may.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class JournalFuzzTests
{
    private const int AreaOffset = 24576;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    public void Start_WithADamagedJournal_Serves(int seed, int way)
    {
        using JournalImage good = Fill(new Random(seed));
        var random = new Random(seed);
        for (int round = 0; round < 150; round++)
        {
            using JournalImage bad = good.Copy();
            Damage(bad.Bytes, random, way);
            AssertServes(bad, $"seed {seed}, round {round}");
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Start_WithWellFormedLies_Serves(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 100; round++)
        {
            using var image = new JournalImage();
            using (JournalMemory memory = image.Map())
            {
                memory.Format();
                Assert.True(JournalLog.TryOpen(memory, out JournalLog log));
                for (int i = random.Next(200); i >= 0; i--)
                {
                    Lie(log, random);
                }

                log.Commit();
                random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(memory.Cursors));
                random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(memory.Marks));
            }

            AssertServes(image, $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void Start_WithAThousandHugePictures_StaysInsideTheLimits()
    {
        using var image = new JournalImage();
        using (JournalMemory memory = image.Map())
        {
            memory.Format();
            Assert.True(JournalLog.TryOpen(memory, out JournalLog log));
            for (uint id = 1; id <= 1000; id++)
            {
                Assert.True(log.TryPut(new JournalKey(JournalKind.Resource, id), new ResourceRecord { Format = 2, Width = 16384, Height = 16384 }));
            }

            log.Commit();
        }

        using var gpu = new InProcessGpu(journal: image.File);
        using GpuGuest guest = gpu.Connect();
        guest.Start();
        guest.Create2d(5000, 8, 8);
        Assert.Equal(1, gpu.Device.Statistics.Resources);
    }

    private static void AssertServes(JournalImage image, string what)
    {
        using var retired = new RetiredFences();
        using var gpu = new InProcessGpu(
            renderer: new FakeRenderer3d(retired) { RetiresAtOnce = true, KeepsStreams = false }, retired: retired, journal: image.File);
        using GpuGuest guest = gpu.Connect(1 << 20);
        guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
        // Whatever was restored, the guest is answered.
        VirtioGpuCtrlHdr response = guest.Send(Create2dRequest(0x7777_7777, 8, 8));
        Assert.True(gpu.Failure is null, what);
        Assert.NotEqual(0u, (uint)response.Type);
        guest.Reboot();
        guest.Create2d(1, 8, 8);
        Assert.Equal(1, gpu.Device.Statistics.Resources);
    }

    private static void Damage(Span<byte> bytes, Random random, int way)
    {
        switch (way)
        {
            case 0:
                // Single bytes, in the header too.
                for (int i = random.Next(1, 20); i > 0; i--)
                {
                    bytes[random.Next(2) == 0 ? random.Next(256) : AreaOffset + random.Next(8192)] = (byte)random.Next();
                }

                break;
            case 1:
                // The end moves.
                BitConverter.TryWriteBytes(bytes[64..], BitConverter.ToUInt64(bytes[64..]) ^ (1ul << random.Next(64)));
                break;
            case 2:
                // A part is missing.
                bytes.Slice(AreaOffset + random.Next(8192), random.Next(4096)).Clear();
                break;
            default:
                random.NextBytes(bytes[random.Next(64)..random.Next(64, bytes.Length)]);
                break;
        }
    }

    private static void Lie(JournalLog log, Random random)
    {
        var kind = (JournalKind)random.Next(1, 14);
        byte[] value = new byte[random.Next(4) == 0 ? random.Next(400) : kind switch
        {
            JournalKind.Resource => 48,
            JournalKind.Backing => 8 + (8 * random.Next(20)),
            JournalKind.Uuid => 16,
            JournalKind.Scanout => 24,
            JournalKind.Context => 72,
            JournalKind.Attachment or JournalKind.LostContext => 0,
            JournalKind.Command => 4 * random.Next(1, 40),
            JournalKind.Uploads => 48 * random.Next(25),
            JournalKind.Tile => 48 + random.Next(200),
            _ => random.Next(200),
        }];
        for (int i = 0; i + 4 <= value.Length; i += 4)
        {
            uint word = random.Next(6) switch { 0 => (uint)random.Next(), 1 => uint.MaxValue, 2 => 1u << random.Next(32), _ => (uint)random.Next(40) };
            BitConverter.TryWriteBytes(value.AsSpan(i), word);
        }

        if (kind == JournalKind.Command && value.Length >= 4)
        {
            // A header that is often right, under a key that sometimes is.
            int length = random.Next(8) == 0 ? random.Next(0x10000) : (value.Length / 4) - 1;
            BitConverter.TryWriteBytes(value, (uint)random.Next(60) | ((uint)random.Next(12) << 8) | ((uint)length << 16));
            ReadOnlySpan<uint> words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(value);
            if (random.Next(8) != 0 && VirglCommand.TryTake(ref words, out VirglCommand command)
                && VirglItem.TryOf(command, random.Next(3), out VirglItem item))
            {
                _ = log.TryPut(item.ToKey((uint)random.Next(8), (uint)random.Next(3)), value);
                return;
            }
        }

        _ = log.TryPut(new JournalKey(kind, (uint)random.Next(8), (ushort)random.Next(4), (ulong)random.Next(8)), value);
    }

    private static JournalImage Fill(Random random)
    {
        var image = new JournalImage();
        using var gpu = new InProcessGpu(journal: image.File);
        using GpuGuest guest = gpu.Connect();
        guest.Start();
        for (uint id = 1; id < 60; id++)
        {
            guest.Create2d(id, (uint)random.Next(1, 64), (uint)random.Next(1, 64));
            _ = guest.AttachFresh(id, 64 * 64 * 4);
            _ = guest.Send(SetScanoutRequest(0, id, new VirtioGpuRect(0, 0, 1, 1)));
        }

        gpu.Kill();
        return image;
    }
}
