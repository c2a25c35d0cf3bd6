using System.Globalization;
using System.Text.RegularExpressions;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Qemu;

/// <summary>
/// Another VMM drives gpu-process: QEMU knows nothing of virtio-gpu here, only vhost-user. The guest compares what
/// it can see itself; pictures are compared here with the check sums that it reports.
/// </summary>
[Trait("Tier", Tiers.Peers)]
public sealed partial class QemuVhostUserTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpu-qemu-").FullName;

    [Fact]
    public void Microguest2d_UnderQemu_PassesAndItsPicturesArrive()
    {
        using RuntimeGpu gpu = RuntimeGpu.Listen(RuntimeGpu.Trixie, _folder, "virgl=off,max_outputs=2");
        using ChildProgram qemu = QemuMachine.Start(gpu.SocketPath!, "test=gpu2d hold=key");
        var seen = new List<string>();
        int at = 0;
        bool ended = gpu.Display.RunUntil(
            () =>
            {
                string output = qemu.StandardOutput;
                foreach (Match line in PictureLine().Matches(output[at..]))
                {
                    seen.Add(line.Groups["name"].Value);
                    AssertShown(gpu.Display, line);
                    qemu.WriteLine("");
                }

                at = output.LastIndexOf('\n') + 1;
                return output.Contains("MG: done", StringComparison.Ordinal) || qemu.HasExited;
            },
            milliseconds: 240_000);

        Assert.True(ended, qemu.StandardOutput + qemu.StandardError + gpu.Errors);
        Assert.True(PassedLine().IsMatch(qemu.StandardOutput), qemu.StandardOutput + gpu.Errors);
        Assert.Contains("MG: ok gpu2d", qemu.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("full", seen);
        Assert.Contains("scattered", seen);
        Assert.Contains("R8G8B8X8", seen);
    }

    [Fact]
    public void Microguest3d_UnderQemu_Passes()
    {
        using RuntimeGpu gpu = RuntimeGpu.Listen(RuntimeGpu.Trixie, _folder, "");
        using ChildProgram qemu = QemuMachine.Start(gpu.SocketPath!, "test=gpu3d");
        _ = gpu.Display.RunUntil(() => qemu.HasExited, milliseconds: 240_000);

        Assert.True(qemu.HasExited, qemu.StandardOutput + qemu.StandardError + gpu.Errors);
        Assert.True(qemu.StandardOutput.Contains("MG: ok gpu3d", StringComparison.Ordinal), qemu.StandardOutput + gpu.Errors);
        Assert.Matches(PassedLine(), qemu.StandardOutput);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void AssertShown(TestDisplay display, Match line)
    {
        int scanout = int.Parse(line.Groups["scanout"].Value, CultureInfo.InvariantCulture);
        uint expected = uint.Parse(line.Groups["crc"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        bool shown = display.RunUntil(() => display.Pictures[scanout] is { } picture && Checksum(picture) == expected, milliseconds: 20_000);
        Assert.True(shown, $"{line.Value}: not what the display shows");
    }

    /// <summary>CRC-32 (as in PNG) of the bytes R, G, B of all pixels, row by row.</summary>
    private static uint Checksum(TestDisplay.Picture picture)
    {
        uint crc = uint.MaxValue;
        foreach (uint pixel in picture.Pixels)
        {
            (byte red, byte green, byte blue) = picture.ToRgb(pixel);
            crc = Add(Add(Add(crc, red), green), blue);
        }

        return ~crc;
    }

    private static uint Add(uint crc, byte value)
    {
        crc ^= value;
        for (int bit = 0; bit < 8; bit++)
        {
            crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1;
        }

        return crc;
    }

    [GeneratedRegex("MG: done [0-9]+ 0 ")]
    private static partial Regex PassedLine();

    [GeneratedRegex("^MG: picture (?<name>[^ ]+) scanout=(?<scanout>[0-9]+) .*crc32=(0x)?(?<crc>[0-9a-fA-F]+)", RegexOptions.Multiline)]
    private static partial Regex PictureLine();
}
