using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;

namespace SplitVmm.VmmCore.Devices;

/// <summary>
/// The device-specific configuration as it was last known. If a back end does not give it, the last known one stays:
/// the guest must not learn of a failure by a torn read. From any thread.
/// </summary>
internal sealed class BackEndConfig
{
    private readonly Lock _gate = new();
    private readonly byte[] _bytes;
    private readonly bool _isLocal;
    private volatile bool _isStale = true;

    public BackEndConfig(VhostUserDeviceOptions options)
    {
        _isLocal = options.Config is not null;
        _bytes = options.Config?.ToArray() ?? new byte[options.ConfigLength ?? VirtioDeviceProfile.Of(options.Type).ConfigLength];
    }

    public int Length => _bytes.Length;

    /// <summary>The back end has said that it changed, or is another.</summary>
    public void MarkStale() => _isStale = true;

    public void Read(int offset, Span<byte> data)
    {
        lock (_gate)
        {
            _bytes.AsSpan(offset, data.Length).CopyTo(data);
        }
    }

    /// <summary>
    /// Passes a write of the guest on. A field that the guest may not write is refused by the back end, and one
    /// that is away hears nothing, which is the guest's loss only.
    /// </summary>
    public void Write(VhostUserFrontEnd? backEnd, int offset, ReadOnlySpan<byte> data)
    {
        if (!_isLocal)
        {
            _ = backEnd?.WriteConfig(offset, data);
            _isStale = true;
        }
    }

    /// <summary>Fetches the configuration if it may have changed.</summary>
    /// <param name="backEnd">Null: it is away.</param>
    /// <returns>True if it is another than before.</returns>
    public bool Refresh(VhostUserFrontEnd? backEnd)
    {
        bool has = backEnd is not null && (backEnd.ProtocolFeatures & VhostUserProtocolFeatures.CONFIG) != 0;
        if (!_isStale || _isLocal || !has || _bytes.Length == 0)
        {
            return false;
        }

        // Before asking: a change that comes during the request makes the next read ask again.
        _isStale = false;
        Span<byte> fresh = stackalloc byte[_bytes.Length];
        if (backEnd!.ReadConfig(0, fresh) != VhostUserResult.Done)
        {
            return false;
        }

        lock (_gate)
        {
            bool changed = !fresh.SequenceEqual(_bytes);
            fresh.CopyTo(_bytes);
            return changed;
        }
    }
}
