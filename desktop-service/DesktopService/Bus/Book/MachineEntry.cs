using SplitVmm.Control.Protocol;

namespace SplitVmm.DesktopService.Bus.Book;

/// <summary>What is known of a machine at one moment.</summary>
/// <param name="Name">Of the machine.</param>
/// <param name="Title">What people read.</param>
/// <param name="IsDefined">There is a file that describes it.</param>
/// <param name="Info">What it says of itself; null: it does not run.</param>
internal sealed record MachineEntry(string Name, string Title, bool IsDefined, MachineInfo? Info)
{
    public const string Off = "off";

    public string State => Info?.State ?? Off;
}
