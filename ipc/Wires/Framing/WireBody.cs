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

    /// <summary>The same of a body that whole <typeparamref name="TItem"/>s follow.</summary>
    public static WireError? ReadWithTrailer<TBody, TItem>(
        string wire, string message, ReadOnlySpan<byte> bytes, out TBody body, out ReadOnlySpan<TItem> items)
        where TBody : unmanaged
        where TItem : unmanaged
    {
        int size = Unsafe.SizeOf<TBody>();
        if (bytes.Length >= size && (bytes.Length - size) % Unsafe.SizeOf<TItem>() == 0)
        {
            body = MemoryMarshal.Read<TBody>(bytes);
            items = MemoryMarshal.Cast<byte, TItem>(bytes[size..]);
            return null;
        }

        body = default;
        items = default;
        return new WireError(wire, message, "size", $"a body of {bytes.Length} bytes is not {size} and whole items of {Unsafe.SizeOf<TItem>()}");
    }

    public static WireError? CheckDescriptors(string wire, string message, List<Descriptor> descriptors, int expected) =>
        descriptors.Count == expected
            ? null
            : new WireError(wire, message, "descriptors", $"{descriptors.Count} came where {expected} belong");
}
