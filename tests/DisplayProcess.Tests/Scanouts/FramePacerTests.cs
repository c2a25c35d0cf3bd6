using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Harness;
using SplitVmm.Platform.Events;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Scanouts;

[Trait("Tier", Tiers.Unit)]
public sealed class FramePacerTests : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly List<ulong> _answered = [];
    private readonly FramePacer _pacer;

    public FramePacerTests()
    {
        _pacer = new FramePacer(_loop, frame => _answered.Add(frame.Sequence));
        // Twenty a second: far apart on any machine.
        _pacer.SetRefresh(20_000);
    }

    [Fact]
    public void Add_First_IsAnsweredAtOnce()
    {
        _pacer.Add(new Frame { Sequence = 1 });

        Assert.Equal([1ul], _answered);
    }

    [Fact]
    public void Add_Quickly_WaitsForTheNextRefreshThenAnswersAll()
    {
        _pacer.Add(new Frame { Sequence = 1 });
        _pacer.Add(new Frame { Sequence = 2 });
        _pacer.Add(new Frame { Sequence = 3 });
        Assert.Equal([1ul], _answered);

        Assert.Equal(1, _loop.RunOnce(5000));

        Assert.Equal([1ul, 2ul, 3ul], _answered);
    }

    [Fact]
    public void Add_MoreThanBuffersExist_NeverGrows()
    {
        for (ulong i = 1; i <= 20; i++)
        {
            _pacer.Add(new Frame { Sequence = i });
        }

        _ = _loop.RunOnce(5000);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (ulong)i), _answered);
    }

    [Fact]
    public void Clear_ForgetsWhatWaits()
    {
        _pacer.Add(new Frame { Sequence = 1 });
        _pacer.Add(new Frame { Sequence = 2 });
        _pacer.Clear();

        _ = _loop.RunOnce(200);

        Assert.Equal([1ul], _answered);
    }

    public void Dispose()
    {
        _pacer.Dispose();
        _loop.Dispose();
    }
}
