using SplitVmm.DisplayProcess.Clipboard;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Backends;

/// <summary>Where pictures go and, maybe, where input comes from. All on the event loop's thread.</summary>
internal interface IBackend : IDisposable
{
    /// <summary>The name by which <c>--backend</c> chooses it.</summary>
    string Name { get; }

    /// <summary>One line about what it runs on.</summary>
    string Description { get; }

    /// <summary>The clipboard of the desktop that it is on; null: there is none.</summary>
    IClipboard? Clipboard => null;

    /// <summary>
    /// The dma-bufs that it shows without reading them; known before the first output is announced. None: they are mapped.
    /// </summary>
    IReadOnlyList<PictureFormat> Importable => [];

    /// <summary>Takes a dma-buf of a format in <see cref="Importable"/> for a head.</summary>
    /// <param name="planes">One for each plane; they stay the caller's.</param>
    /// <returns>The caller's to dispose; null: the driver refuses it.</returns>
    SharedBuffer? TryImport(Head head, in DmaBufConfiguration configuration, in DmaBufBuffer buffer, ReadOnlySpan<Descriptor> planes) => null;

    /// <summary>Announces the outputs and begins to show the heads.</summary>
    void Start(IScreen screen);

    /// <summary>A head has another picture, or none: its Damage says where. The backend clears the damage when it took it.</summary>
    void PictureChanged(Head head);

    /// <summary>A head's cursor has another image, or is hidden.</summary>
    void CursorChanged(Head head);

    /// <summary>A head's cursor is elsewhere.</summary>
    void CursorMoved(Head head);

    /// <summary>A head's banner changed.</summary>
    void BannerChanged(Head head);

    /// <summary>Brings what the user sees to the front.</summary>
    /// <returns>False: the user sees nothing of it.</returns>
    bool Raise();

    /// <summary>Serves the event loop until <see cref="Stop"/>.</summary>
    void Run();

    /// <summary>Makes <see cref="Run"/> return soon.</summary>
    void Stop();
}
