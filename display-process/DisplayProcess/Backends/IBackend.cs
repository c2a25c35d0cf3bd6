using SplitVmm.DisplayProcess.Scanouts;

namespace SplitVmm.DisplayProcess.Backends;

/// <summary>Where pictures go and, maybe, where input comes from. All on the event loop's thread.</summary>
internal interface IBackend : IDisposable
{
    /// <summary>The name by which <c>--backend</c> chooses it.</summary>
    string Name { get; }

    /// <summary>One line about what it runs on.</summary>
    string Description { get; }

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
