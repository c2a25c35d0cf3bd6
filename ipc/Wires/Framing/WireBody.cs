using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.Wires.Framing;

/// <summary>Takes a message body of fixed size, and its one descriptor, out of a datagram.</summary>
internal static class WireBody
{
    /// <returns>Null, or an error if the body is not exactly a <typeparamref name="TBody"/> long.</returns>
    public static WireError? Read<TBody>(string wire, string message, ReadOnlySpan<byte> bytes, out TBody body)
        where TBody : unmanaged
    {
        if (bytes.Length == Unsafe.SizeOf<TBody>())
        {
            body = MemoryMarshal.Read<TBody>(bytes);
            return null;
        }

        body = default;
        return new WireError(wire, message, "size", $"a body of {bytes.Length} bytes where {Unsafe.SizeOf<TBody>()} belong");
    }

    public static WireError? CheckDescriptors(string wire, string message, List<Descriptor> descriptors, int expected) =>
        descriptors.Count == expected
            ? null
            : new WireError(wire, message, "descriptors", $"{descriptors.Count} came where {expected} belong");
}
