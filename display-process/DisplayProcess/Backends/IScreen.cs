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

    /// <summary>The pointer is on the picture of a head, 0 to <see cref="SplitVmm.Wires.Input.InputProtocol.AbsoluteMaximum"/> each way.</summary>
    void PointAt(int head, (int X, int Y) position);

    /// <summary>An output is plugged in, or changed.</summary>
    void SetOutput(in OutputInfo info);

    /// <summary>A new picture of the head was shown.</summary>
    void Shown(Head head);

    /// <summary>The user wants the machine to end.</summary>
    void RequestClose();
}
