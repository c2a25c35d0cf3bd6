namespace SplitVmm.DesktopService.Bus.Wire;

/// <summary>A method of an object.</summary>
/// <param name="Interface">Of the method.</param>
/// <param name="Name">Of the method.</param>
/// <param name="Signature">Of its arguments.</param>
/// <param name="Serve">
/// Reads the arguments at once; the task ends when the call has been answered, or is to be answered with an error.
/// </param>
internal sealed record BusMethod(string Interface, string Name, string Signature, Func<BusCall, Task<BusError?>> Serve);
