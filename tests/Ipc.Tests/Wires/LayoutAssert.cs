using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Xunit;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>Compares the layout of a wire struct with the numbers written down in a test.</summary>
internal static class LayoutAssert
{
    public static void Is<T>(int size, params (string Field, int Offset)[] fields)
        where T : unmanaged
    {
        Assert.Equal(size, Unsafe.SizeOf<T>());
        Assert.Equal(typeof(T).GetFields().Where(field => !field.IsStatic).Select(field => field.Name).Order(), fields.Select(field => field.Field).Order());
        foreach ((string field, int offset) in fields)
        {
            Assert.Equal((field, offset), (field, (int)Marshal.OffsetOf<T>(field)));
        }
    }
}
