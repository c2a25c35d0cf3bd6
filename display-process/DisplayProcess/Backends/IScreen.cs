using SplitVmm.DisplayProcess.Input;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Backends;

/// <summary>What a backend talks to.</summary>
internal interface IScreen
{
    IReadOnlyList<Head> Heads { get; }

    /// <summary>Takes what the user does.</summary>
    InputReporter Input { get; }

    /// <summary>
    /// A place on the picture of a head as one on the desktop over all heads, both 0 to
    /// <see cref="SplitVmm.Wires.Input.InputProtocol.AbsoluteMaximum"/> each way.
    /// </summary>
    (int X, int Y) ToTablet(int head, (int X, int Y) position);

    /// <summary>An output is plugged in, or changed.</summary>
    void SetOutput(in OutputInfo info);

    /// <summary>A new picture of the head was shown.</summary>
    /// <param name="flushed">The <see cref="Head.Flushed"/> of that picture; a later one may have come since.</param>
    void Shown(Head head, long flushed);

    /// <summary>The user wants the machine to end.</summary>
    void RequestClose();
}
