using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Xunit;

namespace SplitVmm.Harness;

/// <summary>Compares the layout of a struct with the numbers written down in a test.</summary>
public static class LayoutAssert
{
    /// <summary>Checks the size of a struct and the place of each of its fields, in bytes.</summary>
    public static void Is<T>(int size, params (string Field, int Offset)[] fields)
        where T : unmanaged
    {
        Assert.Equal(size, Unsafe.SizeOf<T>());
        // A field that the list forgets would go unchecked.
        Assert.Equal(typeof(T).GetFields().Where(field => !field.IsStatic).Select(field => field.Name).Order(), fields.Select(field => field.Field).Order());
        foreach ((string field, int offset) in fields)
        {
            Assert.Equal((field, offset), (field, (int)Marshal.OffsetOf<T>(field)));
        }
    }
}
