using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>A gpu side that notes what it was told.</summary>
internal sealed class RecordingSource : IDisplayWireSourceHandler
{
    public List<OutputInfo> Outputs { get; } = [];

    public List<FrameDone> Done { get; } = [];

    public bool IsReady { get; private set; }

    public int WritableCalls { get; private set; }

    public bool IsClosed { get; private set; }

    public WireError? Violation { get; private set; }

    public void OnReady(DisplayTransports transports) => IsReady = true;

    public void OnOutputInfo(in OutputInfo info) => Outputs.Add(info);

    public void OnFrameDone(in FrameDone done) => Done.Add(done);

    public List<uint> Refused { get; } = [];

    public void OnBufferRefused(uint scanout) => Refused.Add(scanout);

    public void OnWritable() => WritableCalls++;

    public void OnClosed(WireError? violation)
    {
        IsClosed = true;
        Violation = violation;
    }
}
