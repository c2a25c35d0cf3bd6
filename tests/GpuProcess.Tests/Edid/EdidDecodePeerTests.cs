using System.Globalization;
using SplitVmm.GpuProcess.Edid;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Edid;

/// <summary>The judge that the display world uses: <c>edid-decode --check</c>.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class EdidDecodePeerTests
{
    [Theory]
    [InlineData(640, 480, 60_000)]
    [InlineData(1024, 768, 60_000)]
    [InlineData(1281, 723, 60_000)]
    [InlineData(1366, 768, 75_000)]
    [InlineData(1920, 1080, 59_940)]
    [InlineData(3840, 2160, 60_000)]
    [InlineData(5120, 2880, 60_000)]
    [InlineData(7680, 4320, 60_000)]
    public void EdidDecode_Check_FindsNoFailure(uint width, uint height, uint refresh)
    {
        string program = Needs.Program("edid-decode", "edid-decode");
        byte[] edid = new byte[MonitorEdid.MaxSize];
        int size = MonitorEdid.Write(edid, new EdidParameters(width, height, refresh, 0, 0, 1));
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, edid[..size]);
            RunResult result = ChildProgram.Run(program, ["--check", file], TimeSpan.FromSeconds(20));

            Assert.True(result.ExitStatus == 0, result.StandardOutput + result.StandardError);
            Assert.Contains("EDID conformity: PASS", result.StandardOutput, StringComparison.Ordinal);
            Assert.Contains("Display Product Name: 'SplitVmm'", result.StandardOutput, StringComparison.Ordinal);
            string mode = string.Create(CultureInfo.InvariantCulture, $"{width}x{height}");
            Assert.Contains(mode, result.StandardOutput, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
