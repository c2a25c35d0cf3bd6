namespace SplitVmm.Wires.Display;

/// <summary>
/// One scanout as both ends of the wire must see it: the configuration and which buffers await their
/// <see cref="FrameDone"/>, so that neither end can be made to queue without bound.
/// </summary>
internal sealed class FramesInFlight
{
    private readonly ulong[] _sequences = new ulong[DisplayProtocol.MaxBuffers];
    private uint _busy;
    private uint _lastGeneration;
    private bool _hadGeneration;

    /// <summary>The current configuration; meaningless while <see cref="IsSet"/> is false.</summary>
    public ScanoutConfiguration Configuration { get; private set; }

    public bool IsSet { get; private set; }

    /// <summary>False for the generation that the scanout had last: it could not tell old frames from new.</summary>
    public bool IsNewGeneration(uint generation) => !_hadGeneration || generation != _lastGeneration;

    public void Set(in ScanoutConfiguration configuration)
    {
        Configuration = configuration;
        IsSet = true;
        _busy = 0;
        _lastGeneration = configuration.Generation;
        _hadGeneration = true;
    }

    public void Disable()
    {
        IsSet = false;
        _busy = 0;
    }

    public bool IsBusy(uint buffer) => (_busy & (1u << (int)buffer)) != 0;

    public bool IsBusy(uint buffer, ulong sequence) => IsBusy(buffer) && _sequences[buffer] == sequence;

    public void Begin(uint buffer, ulong sequence)
    {
        _busy |= 1u << (int)buffer;
        _sequences[buffer] = sequence;
    }

    public void End(uint buffer) => _busy &= ~(1u << (int)buffer);

    public static FramesInFlight[] ForAllScanouts()
    {
        var all = new FramesInFlight[DisplayProtocol.MaxScanouts];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = new FramesInFlight();
        }

        return all;
    }
}
