namespace SplitVmm.Wires.Display;

/// <summary>
/// One scanout as both ends of the wire must see it: the configuration and which buffers await their
/// <see cref="FrameDone"/>, so that neither end can be made to queue without bound.
/// </summary>
internal sealed class FramesInFlight
{
    private readonly ulong[] _sequences = new ulong[DisplayProtocol.MaxBuffers];
    private uint _busy;
    private uint _present;
    private bool _hadGeneration;

    public bool IsSet { get; private set; }

    /// <summary>Whether the buffers are dma-bufs, as <see cref="DmaBufs"/> says; otherwise they are in one memfd.</summary>
    public bool IsDmaBuf { get; private set; }

    /// <summary>Of the current configuration, or of the last one.</summary>
    public uint Generation { get; private set; }

    /// <summary>Pixels.</summary>
    public uint Width { get; private set; }

    public uint Height { get; private set; }

    /// <summary>The configuration while <see cref="IsDmaBuf"/>.</summary>
    public DmaBufConfiguration DmaBufs { get; private set; }

    /// <summary>False for the generation that the scanout had last: it could not tell old frames from new.</summary>
    public bool IsNewGeneration(uint generation) => !_hadGeneration || generation != Generation;

    public void Set(in ScanoutConfiguration configuration)
    {
        Set(configuration.Generation, configuration.Width, configuration.Height);
        _present = (1u << (int)configuration.BufferCount) - 1;
        IsDmaBuf = false;
    }

    public void Set(in DmaBufConfiguration configuration)
    {
        Set(configuration.Generation, configuration.Width, configuration.Height);
        _present = 0;
        IsDmaBuf = true;
        DmaBufs = configuration;
    }

    public void Disable()
    {
        IsSet = false;
        _busy = 0;
    }

    /// <summary>A dma-buf came for a buffer, or went.</summary>
    public void SetPresent(uint buffer, bool present) =>
        _present = present ? _present | (1u << (int)buffer) : _present & ~(1u << (int)buffer);

    /// <summary>Whether there is such a buffer.</summary>
    public bool IsPresent(uint buffer) => buffer < DisplayProtocol.MaxBuffers && (_present & (1u << (int)buffer)) != 0;

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

    private void Set(uint generation, uint width, uint height)
    {
        Generation = generation;
        Width = width;
        Height = height;
        IsSet = true;
        _busy = 0;
        _hadGeneration = true;
    }
}
