namespace SplitVmm.DesktopService.Consoles;

/// <summary>Takes the guest's serial output, as it comes, on one thread.</summary>
internal interface IConsoleSink
{
    void Write(ReadOnlySpan<byte> bytes);
}
