using SplitVmm.DisplayProcess.Viewers.Messages;

namespace SplitVmm.DisplayProcess.Viewers;

/// <summary>What a connection tells. On the event loop's thread.</summary>
internal interface IViewerPeer
{
    /// <summary>The viewer is authenticated; calls may be sent.</summary>
    void OnBegun();

    /// <summary>An answer to a call.</summary>
    void OnAnswer(in ReceivedMessage message);

    /// <summary>Everything that waited was sent.</summary>
    void OnDrained();

    /// <param name="reason">One line; null: the viewer closed its end.</param>
    void OnEnded(string? reason);
}
