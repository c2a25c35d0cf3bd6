using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using SplitVmm.VmmCore.SharedMemory;

namespace SplitVmm.VmmCore.Devices;

/// <summary>
/// One connection to a back end, from plugging in to loss. What it reports carries itself, so that a late word of a
/// former connection is not taken for one of its successor. Made and disposed on the loop's thread.
/// </summary>
internal sealed class BackEndConnection : IVhostUserFrontEndEvents, IDisposable
{
    /// <summary>After so many a back end that asks for what cannot be is no longer news.</summary>
    private const int MaxNotedRefusals = 16;

    private readonly Action<BackEndConnection> _configChanged;
    private readonly Action<BackEndConnection, string> _lost;
    private readonly Action<string> _refused;
    private int _refusals;

    /// <param name="socket">A connected stream socket; owned from here on.</param>
    /// <param name="refused">Told, in one line, of what the back end asked for in vain.</param>
    public BackEndConnection(
        UnixSocket socket, EventLoop loop, TimeSpan deadline,
        Action<BackEndConnection> configChanged, Action<BackEndConnection, string> lost, Action<string> refused)
    {
        _configChanged = configChanged;
        _lost = lost;
        _refused = refused;
        FrontEnd = new VhostUserFrontEnd(socket, loop, this, deadline);
    }

    public VhostUserFrontEnd FrontEnd { get; }

    /// <summary>What the back end may map into; null: nothing, as there is no window, or the connection is over.</summary>
    public SharedMemoryWindow? Window { get; set; }

    void IVhostUserFrontEndEvents.ConfigChanged() => _configChanged(this);

    bool IVhostUserFrontEndEvents.MapSharedMemory(in VhostUserMMap range, Descriptor file) =>
        IsDone("SHMEM_MAP", Window is { } window ? window.TryMap(range, file) : "there is no window");

    bool IVhostUserFrontEndEvents.UnmapSharedMemory(in VhostUserMMap range) =>
        IsDone("SHMEM_UNMAP", Window is { } window ? window.TryUnmap(range) : "there is no window");

    void IVhostUserFrontEndEvents.ConnectionLost(string reason)
    {
        // What it sent before its end, and was not read yet, counts for nothing.
        Window = null;
        _lost(this, reason);
    }

    public void Dispose() => FrontEnd.Dispose();

    private bool IsDone(string request, string? refusal)
    {
        if (refusal is not null && ++_refusals <= MaxNotedRefusals)
        {
            _refused($"{request} refused: {refusal}{(_refusals == MaxNotedRefusals ? "; further ones are not shown" : "")}");
        }

        return refusal is null;
    }
}
