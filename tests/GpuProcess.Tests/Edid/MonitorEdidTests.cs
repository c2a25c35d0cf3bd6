using System.Buffers.Binary;
using System.Text;
using SplitVmm.GpuProcess.Edid;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Edid;

[Trait("Tier", Tiers.Unit)]
public sealed class MonitorEdidTests
{
    private static readonly uint[] s_sizes = [1, 2, 17, 640, 800, 1024, 1280, 1366, 1920, 2560, 3840, 4095];

    [Fact]
    public void Write_EverySize_ChecksumsAreZero()
    {
        byte[] edid = new byte[MonitorEdid.MaxSize];
        foreach (uint width in (uint[])[.. s_sizes, 4096, 7680, 16384, 65535])
        {
            foreach (uint height in (uint[])[.. s_sizes, 4096, 8192, 65535])
            {
                foreach (uint refresh in (uint[])[1, 24_000, 59_940, 60_000, 240_000, 1_000_000, uint.MaxValue])
                {
                    int size = MonitorEdid.Write(edid, new EdidParameters(width, height, refresh, 0, 0, 1));

                    Assert.True(size is 128 or 256);
                    Assert.Equal(size / 128 - 1, edid[126]);
                    for (int block = 0; block < size; block += 128)
                    {
                        Assert.Equal(0, edid.AsSpan(block, 128).ToArray().Sum(value => value) & 0xFF);
                    }
                }
            }
        }
    }

    [Fact]
    public void Write_ModestSizes_FirstDetailedTimingIsTheWantedOne()
    {
        foreach (uint width in s_sizes)
        {
            foreach (uint height in s_sizes)
            {
                byte[] edid = new byte[MonitorEdid.MaxSize];
                if (MonitorEdid.Write(edid, new EdidParameters(width, height, 60_000, 300, 200, 1)) != 128)
                {
                    continue;
                }

                ReadOnlySpan<byte> timing = edid.AsSpan(54, 18);
                int across = timing[2] | (timing[4] >> 4 << 8);
                int blankAcross = timing[3] | ((timing[4] & 0xF) << 8);
                int down = timing[5] | (timing[7] >> 4 << 8);
                int blankDown = timing[6] | ((timing[7] & 0xF) << 8);
                double clock = BinaryPrimitives.ReadUInt16LittleEndian(timing) * 10_000.0;
                double refresh = clock / ((across + blankAcross) * (double)(down + blankDown));

                Assert.Equal((width, height), ((uint)across, (uint)down));
                // Tiny pictures have a clock of few units of 10 kHz, which rounds the rate.
                double step = 10_000.0 / ((across + blankAcross) * (double)(down + blankDown));
                Assert.InRange(refresh, 60 - step, 60 + step);
                Assert.Equal(300, timing[12] | (timing[14] >> 4 << 8));
                Assert.Equal(200, timing[13] | ((timing[14] & 0xF) << 8));
            }
        }
    }

    [Fact]
    public void Write_FullHd_HasTheTimingsOfCvtReducedBlanking()
    {
        byte[] edid = new byte[MonitorEdid.MaxSize];
        _ = MonitorEdid.Write(edid, new EdidParameters(1920, 1080, 60_000, 0, 0, 1));

        // 1920x1080 with 160 pixels and 31 lines of blanking: 2080 * 1111 * 60 Hz = 138.65 MHz.
        Assert.Equal(13865, BinaryPrimitives.ReadUInt16LittleEndian(edid.AsSpan(54)));
        Assert.Equal(31, edid[54 + 6]);
        Assert.Equal(0x35, edid[54 + 10]);
    }

    [Fact]
    public void Write_MoreThanTheBaseBlockHolds_DisplayIdTimingIsTheWantedOne()
    {
        byte[] edid = new byte[MonitorEdid.MaxSize];
        int size = MonitorEdid.Write(edid, new EdidParameters(7680, 4320, 60_000, 0, 0, 1));

        ReadOnlySpan<byte> timing = edid.AsSpan(128 + 5 + 15 + 15 + 13 + 3, 20);
        Assert.Equal(256, size);
        Assert.Equal(0x70, edid[128]);
        Assert.Equal(7680, BinaryPrimitives.ReadUInt16LittleEndian(timing[4..]) + 1);
        Assert.Equal(4320, BinaryPrimitives.ReadUInt16LittleEndian(timing[12..]) + 1);
        double clock = ((timing[0] | (timing[1] << 8) | (timing[2] << 16)) + 1) * 10_000.0;
        int blankDown = BinaryPrimitives.ReadUInt16LittleEndian(timing[14..]) + 1;
        Assert.InRange(clock / ((7680 + 160) * (4320.0 + blankDown)), 59.99, 60.01);
    }

    [Fact]
    public void Write_Any_NamesTheMonitorAndItsSerialNumber()
    {
        byte[] edid = new byte[MonitorEdid.MaxSize];
        _ = MonitorEdid.Write(edid, new EdidParameters(800, 600, 60_000, 0, 0, 7));

        Assert.Equal("SplitVmm\n", Encoding.ASCII.GetString(edid, 72 + 5, 9));
        Assert.Equal("0007\n", Encoding.ASCII.GetString(edid, 90 + 5, 5));
        Assert.Equal(7u, BinaryPrimitives.ReadUInt32LittleEndian(edid.AsSpan(12)));
    }
}
