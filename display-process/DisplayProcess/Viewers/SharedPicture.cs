using System.Runtime.InteropServices;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Memory;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Viewers;

/// <summary>
/// A copy of a head's picture for viewers that map memory: rows from the top without gaps, words 0xXXRRGGBB. It is sealed so that
/// its size is fixed and only the mapping that is made here can write (F_SEAL_FUTURE_WRITE, Linux 5.1). This process never reads it.
/// </summary>
internal sealed class SharedPicture : IDisposable
{
    private readonly SharedMapping _mapping;

    private SharedPicture(int width, int height, MemFd memory, SharedMapping mapping)
    {
        Width = width;
        Height = height;
        Memory = memory;
        _mapping = mapping;
    }

    public int Width { get; }

    public int Height { get; }

    public MemFd Memory { get; }

    /// <returns>Null: the kernel has no memory for it, or not that seal.</returns>
    public static SharedPicture? TryCreate(int width, int height)
    {
        const Seals Fixed = Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW | Seals.F_SEAL_FUTURE_WRITE | Seals.F_SEAL_SEAL;
        MemFd? memory = null;
        SharedMapping? mapping = null;
        try
        {
            memory = MemFd.Create("splitvmm-viewer", (long)width * height * DisplayProtocol.BytesPerPixel, Seals.None);
            mapping = SharedMapping.Create(memory, 0, (nuint)memory.Size);
            if (MemFd.TryAddSeals(memory, Fixed))
            {
                return new SharedPicture(width, height, memory, mapping);
            }
        }
        catch (ErrnoException)
        {
            // What was made of it goes below.
        }

        mapping?.Dispose();
        memory?.Dispose();
        return null;
    }

    /// <param name="canvas">Of the same size.</param>
    public void Update(Canvas canvas, ReadOnlySpan<DamageRectangle> damage)
    {
        foreach (ref readonly DamageRectangle part in damage)
        {
            for (int y = (int)part.Y; y < part.Y + part.Height; y++)
            {
                Span<uint> source = canvas.Row(y).Slice((int)part.X, (int)part.Width);
                nuint offset = (nuint)(((long)y * Width) + part.X) * DisplayProtocol.BytesPerPixel;
                source.CopyTo(MemoryMarshal.Cast<byte, uint>(_mapping.Slice(offset, source.Length * (int)DisplayProtocol.BytesPerPixel)));
            }
        }
    }

    public void Dispose()
    {
        _mapping.Dispose();
        Memory.Dispose();
    }
}
