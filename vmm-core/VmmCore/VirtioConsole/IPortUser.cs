namespace SplitVmm.VmmCore.VirtioConsole;

/// <summary>The host's side of a port. All on the event loop's thread; the port may be used from inside.</summary>
public interface IPortUser
{
    /// <summary>A program of the guest has opened the port.</summary>
    void OnOpened();

    /// <summary>It has closed the port, or is gone with its driver. Only after <see cref="OnOpened"/>.</summary>
    void OnClosed();

    /// <summary>Bytes of the program's, at most <see cref="ConsoleDevice.LargestPiece"/>, while the port is open.</summary>
    /// <returns>False: not now; they stay the guest's until <see cref="ConsoleDevice.ReadOn"/>.</returns>
    bool TryTake(ReadOnlySpan<byte> bytes);

    /// <summary>The guest has offered buffers: a <see cref="ConsoleDevice.Write"/> that was cut short is worth another try.</summary>
    void OnRoom();
}
