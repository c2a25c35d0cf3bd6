using System.Reflection;
using System.Runtime.InteropServices;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>Makes a proper struct of a wire wrong in one field, so that a table of tests need only name the field.</summary>
internal static class WrongField
{
    /// <summary>The struct with another value in a field of 32 or 64 bits.</summary>
    /// <exception cref="ArgumentException">There is no such field, or it is of another size.</exception>
    public static T In<T>(T proper, string field, uint value)
        where T : unmanaged
    {
        FieldInfo info = typeof(T).GetField(field) ?? throw new ArgumentException($"{typeof(T).Name} has no {field}", nameof(field));
        Type type = info.FieldType.IsEnum ? info.FieldType.GetEnumUnderlyingType() : info.FieldType;
        Span<byte> place = MemoryMarshal.AsBytes(new Span<T>(ref proper))[(int)Marshal.OffsetOf<T>(field)..];
        if (type == typeof(uint))
        {
            MemoryMarshal.Write(place, value);
        }
        else if (type == typeof(ulong))
        {
            MemoryMarshal.Write(place, (ulong)value);
        }
        else
        {
            throw new ArgumentException($"{typeof(T).Name}.{field} is a {type.Name}", nameof(field));
        }

        return proper;
    }
}
