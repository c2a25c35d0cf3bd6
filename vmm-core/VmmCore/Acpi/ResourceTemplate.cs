namespace SplitVmm.VmmCore.Acpi;

/// <summary>Resource descriptors of a device's _CRS (ACPI 6.5 section 6.4), closed by an end tag.</summary>
internal sealed class ResourceTemplate
{
    private const byte IoPortDescriptor = 0x47;
    private const byte EndTag = 0x79;
    private const byte Memory32Fixed = 0x86;
    private const byte WordAddressSpace = 0x88;
    private const byte DWordAddressSpace = 0x87;
    private const byte QWordAddressSpace = 0x8A;
    private const byte ExtendedInterrupt = 0x89;

    private const byte MemoryRange = 0;
    private const byte IoRange = 1;
    private const byte BusNumberRange = 2;

    // Fixed minimum and maximum, positive decode, producer: what a host bridge forwards.
    private const byte FixedWindow = 0x0C;
    private const byte ReadWrite = 1;
    private const byte CacheablePrefetchable = 6;
    private const byte EntireRange = 3;

    private readonly List<byte> _bytes = [];

    /// <summary>Ports that the device itself answers.</summary>
    public ResourceTemplate Io(ushort start, byte length)
    {
        _bytes.AddRange([IoPortDescriptor, 1]); // 16 address bits decoded
        Add(start, 2);
        Add(start, 2);
        _bytes.AddRange([1, length]); // alignment
        return this;
    }

    public ResourceTemplate Memory32(uint start, uint length)
    {
        _bytes.Add(Memory32Fixed);
        Add(9, 2);
        _bytes.Add(ReadWrite);
        Add(start, 4);
        Add(length, 4);
        return this;
    }

    /// <summary>An edge-triggered, active-high interrupt that is not shared.</summary>
    public ResourceTemplate EdgeInterrupt(uint gsi)
    {
        const byte ConsumerEdge = 3;
        _bytes.Add(ExtendedInterrupt);
        Add(6, 2);
        _bytes.AddRange([ConsumerEdge, 1]); // one interrupt
        Add(gsi, 4);
        return this;
    }

    /// <summary>Bus numbers behind a bridge.</summary>
    public ResourceTemplate BusWindow(ushort first, ushort last) => Window(WordAddressSpace, 2, BusNumberRange, 0, first, last);

    /// <summary>I/O ports that a bridge forwards.</summary>
    public ResourceTemplate IoWindow(ushort first, ushort last) => Window(WordAddressSpace, 2, IoRange, EntireRange, first, last);

    /// <summary>Memory below 4 GiB that a bridge forwards.</summary>
    public ResourceTemplate MemoryWindow32(uint first, uint last) =>
        Window(DWordAddressSpace, 4, MemoryRange, ReadWrite, first, last);

    /// <summary>Memory that a bridge forwards and that may be cached and prefetched.</summary>
    public ResourceTemplate MemoryWindow64(ulong first, ulong last) =>
        Window(QWordAddressSpace, 8, MemoryRange, ReadWrite | CacheablePrefetchable, first, last);

    public byte[] ToArray() => [.. _bytes, EndTag, 0]; // a zero checksum is not checked

    private ResourceTemplate Window(byte descriptor, int width, byte type, byte typeFlags, ulong first, ulong last)
    {
        _bytes.Add(descriptor);
        Add((ulong)(3 + (5 * width)), 2);
        _bytes.AddRange([type, FixedWindow, typeFlags]);
        Add(0, width); // granularity
        Add(first, width);
        Add(last, width);
        Add(0, width); // translation
        Add(last - first + 1, width);
        return this;
    }

    private void Add(ulong value, int size)
    {
        for (int i = 0; i < size; i++)
        {
            _bytes.Add((byte)(value >> (8 * i)));
        }
    }
}
