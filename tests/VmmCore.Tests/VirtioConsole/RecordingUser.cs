using SplitVmm.VmmCore.VirtioConsole;

namespace SplitVmm.VmmCore.Tests.VirtioConsole;

/// <summary>A host's side of the port that notes what it was told.</summary>
internal sealed class RecordingUser : IPortUser
{
    public List<string> Log { get; } = [];

    public List<byte> Taken { get; } = [];

    /// <summary>Pieces that it takes before it asks for patience.</summary>
    public int Appetite { get; set; } = int.MaxValue;

    public int LargestPiece { get; private set; }

    public int Rooms { get; private set; }

    public void OnOpened() => Log.Add("opened");

    public void OnClosed() => Log.Add("closed");

    public bool TryTake(ReadOnlySpan<byte> bytes)
    {
        if (Appetite == 0)
        {
            return false;
        }

        Appetite--;
        LargestPiece = Math.Max(LargestPiece, bytes.Length);
        Taken.AddRange(bytes);
        return true;
    }

    public void OnRoom() => Rooms++;
}
