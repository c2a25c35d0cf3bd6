using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Protocol;

/// <summary>Compares structs with what a C compiler makes of the headers that they are of.</summary>
internal static class Layout
{
    /// <summary>Checks the size of a struct and the place of each of its fields.</summary>
    public static void Check<T>(int size, params (string Field, int Offset)[] fields)
        where T : unmanaged
    {
        Assert.Equal(size, Unsafe.SizeOf<T>());
        // A field that the list forgets would go unchecked.
        Assert.Equal(typeof(T).GetFields().Where(field => !field.IsStatic).Select(field => field.Name).Order(), fields.Select(field => field.Field).Order());
        foreach ((string field, int offset) in fields)
        {
            Assert.True(offset == Marshal.OffsetOf<T>(field), $"{typeof(T).Name}.{field}");
        }
    }
}
