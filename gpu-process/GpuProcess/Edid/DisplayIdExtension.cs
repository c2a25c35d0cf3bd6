using System.Buffers.Binary;

namespace SplitVmm.GpuProcess.Edid;

/// <summary>
/// An EDID extension block with a DisplayID 1.3 section: for pictures of more than 4095 pixels or 655 MHz, which
/// the base block cannot describe. The timing is what readers use; the other data blocks are those that a
/// section must have.
/// </summary>
internal static class DisplayIdExtension
{
    public const int Size = 128;

    private const byte ExtensionTag = 0x70;
    private const byte StructureVersion = 0x13;
    private const byte StandaloneDisplay = 3;
    private const byte ProductIdentification = 0x00;
    private const byte DisplayParameters = 0x01;
    private const byte TypeOneDetailedTiming = 0x03;
    private const byte InterfaceFeatures = 0x0F;
    private const byte Preferred = 0x80;
    private const byte AspectUndefined = 0x08;
    private const byte EightBitsPerColour = 0x02;
    private const ushort PositivePolarity = 0x8000;

    public static void Write(Span<byte> block, in EdidParameters parameters, in MonitorTiming timing)
    {
        block.Clear();
        block[0] = ExtensionTag;
        block[1] = StructureVersion;
        // Bytes of data blocks, up to the section's checksum at 126; what they leave free is zero.
        block[2] = 121;
        block[3] = StandaloneDisplay;
        Span<byte> rest = block[5..126];
        WriteProduct(Begin(ref rest, ProductIdentification, 12), parameters);
        WriteParameters(Begin(ref rest, DisplayParameters, 12), parameters);
        // RGB of 8 bits per colour in sRGB; nothing else, and no sound.
        Begin(ref rest, InterfaceFeatures, 10)[0] = EightBitsPerColour;
        WriteTiming(Begin(ref rest, TypeOneDetailedTiming, 20), timing);
        EdidChecksum.Seal(block[1..127]);
        EdidChecksum.Seal(block);
    }

    /// <summary>Heads a data block and moves on behind it.</summary>
    /// <returns>Its payload.</returns>
    private static Span<byte> Begin(ref Span<byte> rest, byte tag, byte length)
    {
        Span<byte> payload = rest.Slice(3, length);
        rest[0] = tag;
        rest[2] = length;
        rest = rest[(3 + length)..];
        return payload;
    }

    /// <summary>DisplayID 1.3 section 4.1: who made it, without a name, which the base block has.</summary>
    private static void WriteProduct(Span<byte> field, in EdidParameters parameters)
    {
        "SVM"u8.CopyTo(field);
        BinaryPrimitives.WriteUInt16LittleEndian(field[3..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(field[5..], parameters.SerialNumber);
        // Week 255: the year, counted from 2000, is the model's.
        field[9] = 255;
        field[10] = 26;
    }

    /// <summary>DisplayID 1.3 section 4.2: size in tenths of a millimetre and in pixels.</summary>
    private static void WriteParameters(Span<byte> field, in EdidParameters parameters)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(field, (ushort)Math.Min(parameters.PresentedWidthMillimetres * 10, ushort.MaxValue));
        BinaryPrimitives.WriteUInt16LittleEndian(field[2..], (ushort)Math.Min(parameters.PresentedHeightMillimetres * 10, ushort.MaxValue));
        BinaryPrimitives.WriteUInt16LittleEndian(field[4..], (ushort)parameters.Width);
        BinaryPrimitives.WriteUInt16LittleEndian(field[6..], (ushort)parameters.Height);
        // Gamma 2.2, as value * 100 - 100.
        field[9] = 120;
        double aspect = Math.Max(parameters.Width, parameters.Height) / (double)Math.Max(1, Math.Min(parameters.Width, parameters.Height));
        field[10] = (byte)Math.Min(255, Math.Round((aspect - 1) * 100));
        // 8 bits per colour, less one, over the link and in the panel.
        field[11] = 0x77;
    }

    /// <summary>DisplayID 1.3 section 4.4.1. Every number is stored less one.</summary>
    private static void WriteTiming(Span<byte> field, in MonitorTiming timing)
    {
        uint clock = (uint)Math.Min(timing.PixelClock10Kilohertz, 1 << 24) - 1;
        field[0] = (byte)clock;
        field[1] = (byte)(clock >> 8);
        field[2] = (byte)(clock >> 16);
        field[3] = Preferred | AspectUndefined;
        Put(field[4..], timing.Width);
        Put(field[6..], MonitorTiming.HorizontalBlank);
        Put(field[8..], MonitorTiming.HorizontalFrontPorch, PositivePolarity);
        Put(field[10..], MonitorTiming.HorizontalSync);
        Put(field[12..], timing.Height);
        Put(field[14..], timing.VerticalBlank);
        Put(field[16..], MonitorTiming.VerticalFrontPorch);
        Put(field[18..], timing.VerticalSync);
    }

    private static void Put(Span<byte> field, uint value, ushort flags = 0) =>
        BinaryPrimitives.WriteUInt16LittleEndian(field, (ushort)((value - 1) | flags));
}
