using SplitVmm.Harness;
using SplitVmm.VmmCore.Boot;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Boot;

[Trait("Tier", Tiers.Unit)]
public sealed class KernelImageTests
{
    [Theory]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0 }, "gzip")]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD }, "zstd")]
    [InlineData(new byte[] { 0xFD, 0x37, 0x7A, 0x58, 0x5A }, "xz")]
    [InlineData(new byte[] { 0x42, 0x5A, 0x68, 0x39 }, "bzip2")]
    [InlineData(new byte[] { 0x4D, 0x5A, 0x90, 0 }, "EFI")]
    [InlineData(new byte[] { 0x23, 0x21, 0x2F, 0x62 }, "not a kernel")]
    [InlineData(new byte[] { 0 }, "not a kernel")]
    public void Open_OtherFile_NamesItAndTheRemedy(byte[] head, string expected)
    {
        string message = BootRig.Refusal(head);

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains("use a bzImage", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Missing_NamesTheFile()
    {
        string message = Assert.Throws<BootException>(() => KernelImage.Open("/nonexistent/vmlinux")).Message;

        Assert.Equal("/nonexistent/vmlinux does not exist: name an existing file", message);
    }

    [Fact]
    public void Open_Directory_SaysSo() =>
        Assert.Equal("/ is a directory: name a file", Assert.Throws<BootException>(() => KernelImage.Open("/")).Message);

    [Fact]
    public void Open_Empty_SaysSo()
    {
        using var file = new TemporaryFile([]);

        Assert.Contains("is empty", Assert.Throws<BootException>(() => KernelImage.Open(file.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RandomFiles_AreRefusedNeverCrash()
    {
        var random = new Random(1);
        for (int i = 0; i < 300; i++)
        {
            var bytes = new byte[random.Next(1, 4096)];
            random.NextBytes(bytes);
            // Half of them look like a kernel at first sight.
            if (i % 4 == 0 && bytes.Length > 64)
            {
                "\u007FELF\u0002\u0001\u0001"u8.CopyTo(bytes);
                bytes[18] = 62;
                bytes[19] = 0;
            }
            else if (i % 4 == 1 && bytes.Length > 0x270)
            {
                BzImageFile.Mark(bytes);
            }

            Assert.NotEmpty(BootRig.Refusal(bytes));
        }
    }
}
