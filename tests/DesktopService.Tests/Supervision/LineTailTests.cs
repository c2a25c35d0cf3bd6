using System.Text;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Supervision;

[Trait("Tier", Tiers.Unit)]
public sealed class LineTailTests : IDisposable
{
    private readonly Pipe _pipe = Pipe.Create();
    private readonly List<string> _lines = [];
    private readonly LineTail _tail;
    private readonly FileStream _writer;

    public LineTailTests()
    {
        _tail = new LineTail(_pipe.ReadEnd, _lines.Add);
        _writer = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(_pipe.WriteEnd.Number, ownsHandle: false), FileAccess.Write, 0);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _pipe.WriteEnd.Dispose();
        _tail.Dispose();
    }

    [Fact]
    public void Read_InPieces_GivesWholeLines()
    {
        Write("one\ntw");
        Assert.True(_tail.Read());
        Assert.Equal(["one"], _lines);
        Write("o\n\nthree");
        Assert.True(_tail.Read());
        Assert.Equal(["one", "two"], _lines);
        _pipe.WriteEnd.Dispose();
        Assert.False(_tail.Read());
        Assert.Equal(["one", "two", "three"], _lines);
    }

    [Fact]
    public void Read_ControlCharacters_AreTakenOut()
    {
        Write("a\e[2Jb\u202ec\n");
        _ = _tail.Read();
        Assert.Equal(["a [2Jb c"], _lines);
    }

    [Fact]
    public void Read_EndlessLine_IsCut()
    {
        for (int i = 0; i < 20; i++)
        {
            Write(new string('x', 1000));
            Assert.True(_tail.Read());
        }

        Assert.NotEmpty(_lines);
        Assert.All(_lines, line => Assert.True(line.Length <= 401));
    }

    [Fact]
    public void Last_ManyLines_KeepsTheNewest()
    {
        for (int i = 0; i < 100; i++)
        {
            Write($"{i}\n");
        }

        _ = _tail.Read();
        Assert.Equal(25, _tail.Last.Count);
        Assert.Equal("99", _tail.Last.Last());
    }

    private void Write(string text) => _writer.Write(Encoding.UTF8.GetBytes(text));
}
