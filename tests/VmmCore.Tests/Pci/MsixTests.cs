using SplitVmm.Harness;
using SplitVmm.VmmCore.Pci.Msix;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Pci;

[Trait("Tier", Tiers.Unit)]
public sealed class MsixTests : IDisposable
{
    private const ulong Address = 0xFEE0_1000;
    private const uint Data = 0x4031;

    private readonly FakeInterruptRoutes _routes = new();
    private readonly MsixTable _table;
    private readonly InterruptLine _line = new();

    public MsixTests() => _table = new MsixTable(3, _routes);

    public void Dispose() => _line.Dispose();

    [Fact]
    public void Signal_UnmaskedVector_SendsItsMessage()
    {
        Connect(1);
        SetVector(1, Address, Data);
        _table.SetControl(enabled: true, functionMasked: false);

        Assert.True(_line.Event.Signal());

        Assert.Equal([(Address, Data)], _routes.TakeMessages());
        Assert.Equal(3, _routes.Allocated);
    }

    [Fact]
    public void PowerOn_VectorsAreMaskedAndMsixIsOff()
    {
        Assert.Equal(1u, Read(12));
        Assert.False(_table.Enabled);
        Connect(0);
        _table.SetControl(enabled: true, functionMasked: false);
        Assert.Equal(0, _routes.AttachedCount);
    }

    [Fact]
    public void Signal_MaskedVector_PendsAndIsSentOnceOnUnmask()
    {
        Connect(0);
        SetVector(0, Address, Data, masked: true);
        _table.SetControl(enabled: true, functionMasked: false);

        _ = _line.Event.Signal();
        _ = _line.Event.Signal();
        Assert.Empty(_routes.TakeMessages());
        Assert.Equal(1u, _table.PollPending(0));

        SetMask(0, false);

        Assert.Equal([(Address, Data)], _routes.TakeMessages());
        Assert.Equal(0u, _table.PollPending(0));
    }

    [Fact]
    public void Signal_MaskedFunction_PendsAndIsSentOnUnmask()
    {
        Connect(2);
        SetVector(2, Address, Data);
        _table.SetControl(enabled: true, functionMasked: true);
        _ = _line.Event.Signal();

        Assert.Equal(0b100u, _table.PollPending(0));
        _table.SetControl(enabled: true, functionMasked: false);

        Assert.Equal([(Address, Data)], _routes.TakeMessages());
    }

    [Fact]
    public void Unmask_NothingPending_SendsNothing()
    {
        Connect(0);
        SetVector(0, Address, Data);
        _table.SetControl(enabled: true, functionMasked: false);

        SetMask(0, true);
        SetMask(0, false);

        Assert.Empty(_routes.TakeMessages());
    }

    [Fact]
    public void Write_NewDataWhileMasked_TakesEffectOnUnmask()
    {
        Connect(0);
        SetVector(0, Address, Data);
        _table.SetControl(enabled: true, functionMasked: false);

        SetVector(0, Address + 0x1000, Data + 1, masked: true);
        _ = _line.Event.Signal();
        SetMask(0, false);

        Assert.Equal([(Address + 0x1000, Data + 1)], _routes.TakeMessages());
    }

    [Fact]
    public void Write_NewDataWhileUnmasked_MovesTheRoute()
    {
        Connect(0);
        SetVector(0, Address, Data);
        _table.SetControl(enabled: true, functionMasked: false);

        Write(8, Data + 7);
        _ = _line.Event.Signal();

        Assert.Equal([(Address, Data + 7)], _routes.TakeMessages());
    }

    [Theory]
    [InlineData(0x1000UL)]
    [InlineData(0x1_FEE0_0000UL)]
    [InlineData(0UL)]
    public void Signal_AddressIsNoInterrupt_NeverReachesKvm(ulong address)
    {
        Connect(0);
        SetVector(0, address, Data);
        _table.SetControl(enabled: true, functionMasked: false);

        Assert.Equal(0, _routes.AttachedCount);
    }

    [Fact]
    public void Connect_TwoLinesToOneVector_BothInterrupt()
    {
        using var other = new InterruptLine();
        Connect(0);
        Assert.Equal(0, _table.Connect(other, 0));
        SetVector(0, Address, Data);
        _table.SetControl(enabled: true, functionMasked: false);

        _ = _line.Event.Signal();
        _ = other.Event.Signal();

        Assert.Equal(2, _routes.TakeMessages().Length);
    }

    [Fact]
    public void Connect_VectorBeyondTheTable_IsNoVector()
    {
        Assert.Equal(InterruptLine.NoVector, _table.Connect(_line, 3));
        Assert.Equal(InterruptLine.NoVector, _line.Vector);
    }

    [Fact]
    public void Connect_AfterNoVector_ForgetsOldSignals()
    {
        _ = _line.Event.Signal();
        SetVector(0, Address, Data);
        _table.SetControl(enabled: true, functionMasked: false);

        Connect(0);

        Assert.Empty(_routes.TakeMessages());
    }

    [Fact]
    public void Connect_ToNoVector_DetachesFromKvm()
    {
        Connect(0);
        SetVector(0, Address, Data);
        _table.SetControl(enabled: true, functionMasked: false);
        Assert.True(_routes.IsAttached(_line.Event));

        _table.Connect(_line, InterruptLine.NoVector);

        Assert.False(_routes.IsAttached(_line.Event));
    }

    [Fact]
    public void Disable_DetachesEveryLine()
    {
        Connect(0);
        SetVector(0, Address, Data);
        _table.SetControl(enabled: true, functionMasked: false);

        _table.SetControl(enabled: false, functionMasked: false);

        Assert.Equal(0, _routes.AttachedCount);
    }

    [Fact]
    public void Reset_MasksAndForgets()
    {
        Connect(0);
        SetVector(0, Address, Data);
        _table.SetControl(enabled: true, functionMasked: true);
        _ = _line.Event.Signal();

        _table.Reset();

        Assert.Equal(0u, _table.PollPending(0));
        Assert.Equal(1u, Read(12));
        Assert.Equal(0u, Read(0));
    }

    [Fact]
    public void Access_AnyWidth_SeesTheSameBytes()
    {
        Span<byte> whole = [1, 2, 3, 4, 5, 6, 7, 8];
        _table.Write(16, whole);
        Span<byte> odd = stackalloc byte[3];

        _table.Read(21, odd);

        Assert.Equal([6, 7, 8], odd.ToArray());
        Assert.Equal(0x0403_0201u, Read(16));
    }

    private void Connect(ushort vector) => Assert.Equal(vector, _table.Connect(_line, vector));

    private void SetVector(int vector, ulong address, uint data, bool masked = false)
    {
        Write(vector * 16, (uint)address);
        Write((vector * 16) + 4, (uint)(address >> 32));
        Write((vector * 16) + 8, data);
        SetMask(vector, masked);
    }

    private void SetMask(int vector, bool masked) => Write((vector * 16) + 12, masked ? 1u : 0);

    private void Write(int offset, uint value) => _table.Write((ulong)offset, BitConverter.GetBytes(value));

    private uint Read(int offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        _table.Read((ulong)offset, bytes);
        return BitConverter.ToUInt32(bytes);
    }
}
