using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace SplitVmm.GpuProcess.Edid;

/// <summary>The first 128 bytes of an EDID: VESA E-EDID Standard, release A revision 2 (EDID 1.4).</summary>
internal static class EdidBaseBlock
{
    public const int Size = 128;

    private const int Manufacturer = 8;
    private const int ExtensionCount = 126;
    private const int DescriptorSize = 18;
    private const byte TagSerial = 0xFF;
    private const byte TagName = 0xFC;
    private const byte TagDummy = 0x10;
    private const string Name = "SplitVmm";
    private const uint LargestSize = 4095;
    private const ulong LargestClock = 65535;

    private static ReadOnlySpan<byte> Header => [0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00];

    /// <summary>Primaries and white point of sRGB, as section 3.7 packs them.</summary>
    private static ReadOnlySpan<byte> SrgbChromaticity => [0xEE, 0x91, 0xA3, 0x54, 0x4C, 0x99, 0x26, 0x0F, 0x50, 0x54];

    /// <summary>640x480, 800x600 and 1024x768, all at 60 Hz.</summary>
    private static ReadOnlySpan<byte> EstablishedTimings => [0x21, 0x08, 0x00];

    /// <summary>
    /// Width / 8 - 31, then the aspect ratio in two bits and the rate above 60 Hz: 1280x720, 1280x800, 1280x1024,
    /// 1440x900, 1600x900, 1680x1050, 1920x1080, 1920x1200, all at 60 Hz.
    /// </summary>
    private static ReadOnlySpan<byte> StandardTimings =>
        [0x81, 0xC0, 0x81, 0x00, 0x81, 0x80, 0x95, 0x00, 0xA9, 0xC0, 0xB3, 0x00, 0xD1, 0xC0, 0xD1, 0x00];

    /// <summary>Whether the fields of a detailed timing descriptor hold this timing.</summary>
    public static bool CanHold(in MonitorTiming timing) =>
        timing.Width <= LargestSize && timing.Height <= LargestSize && timing.PixelClock10Kilohertz <= LargestClock;

    /// <param name="timing">One that <see cref="CanHold"/> accepts.</param>
    /// <param name="extensions">Blocks that follow this one.</param>
    public static void Write(Span<byte> block, in EdidParameters parameters, in MonitorTiming timing, byte extensions)
    {
        block.Clear();
        Header.CopyTo(block);
        // Three letters of five bits, A is 1: "SVM".
        BinaryPrimitives.WriteUInt16BigEndian(block[Manufacturer..], ('S' - '@') << 10 | ('V' - '@') << 5 | ('M' - '@'));
        BinaryPrimitives.WriteUInt16LittleEndian(block[10..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(block[12..], parameters.SerialNumber);
        // Week 255: the year is the model's.
        block[16] = 255;
        block[17] = 2026 - 1990;
        block[18] = 1;
        block[19] = 4;
        // Digital, 8 bits per colour, DisplayPort.
        block[20] = 0xA5;
        block[21] = Centimetres(parameters.PresentedWidthMillimetres);
        block[22] = Centimetres(parameters.PresentedHeightMillimetres);
        // Gamma 2.2, as value * 100 - 100.
        block[23] = 120;
        // sRGB is the default colour space, the first detailed timing is the native one.
        block[24] = 0x06;
        SrgbChromaticity.CopyTo(block[25..]);
        EstablishedTimings.CopyTo(block[35..]);
        StandardTimings.CopyTo(block[38..]);
        WriteDetailedTiming(block.Slice(54, DescriptorSize), parameters, timing);
        WriteText(block.Slice(72, DescriptorSize), TagName, Name);
        WriteText(block.Slice(90, DescriptorSize), TagSerial, parameters.SerialNumber.ToString("D4", CultureInfo.InvariantCulture));
        block[108 + 3] = TagDummy;
        block[ExtensionCount] = extensions;
        EdidChecksum.Seal(block);
    }

    /// <summary>Table 3.21: detailed timing descriptor.</summary>
    private static void WriteDetailedTiming(Span<byte> descriptor, in EdidParameters parameters, in MonitorTiming timing)
    {
        uint millimetresAcross = Math.Min(parameters.PresentedWidthMillimetres, LargestSize);
        uint millimetresDown = Math.Min(parameters.PresentedHeightMillimetres, LargestSize);
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor, (ushort)timing.PixelClock10Kilohertz);
        descriptor[2] = (byte)timing.Width;
        descriptor[3] = (byte)MonitorTiming.HorizontalBlank;
        descriptor[4] = HighNibbles(timing.Width, MonitorTiming.HorizontalBlank);
        descriptor[5] = (byte)timing.Height;
        descriptor[6] = (byte)timing.VerticalBlank;
        descriptor[7] = HighNibbles(timing.Height, timing.VerticalBlank);
        descriptor[8] = (byte)MonitorTiming.HorizontalFrontPorch;
        descriptor[9] = (byte)MonitorTiming.HorizontalSync;
        descriptor[10] = (byte)(MonitorTiming.VerticalFrontPorch << 4 | timing.VerticalSync);
        descriptor[12] = (byte)millimetresAcross;
        descriptor[13] = (byte)millimetresDown;
        descriptor[14] = HighNibbles(millimetresAcross, millimetresDown);
        // Separate digital synchronisation, horizontal positive, vertical negative: as reduced blanking wants it.
        descriptor[17] = 0x1A;
    }

    /// <summary>Table 3.23: up to 13 characters, ended by a line feed, filled up with blanks.</summary>
    private static void WriteText(Span<byte> descriptor, byte tag, string text)
    {
        descriptor[3] = tag;
        Span<byte> field = descriptor[5..];
        field.Fill((byte)' ');
        int length = Encoding.ASCII.GetBytes(text, field);
        if (length < field.Length)
        {
            field[length] = (byte)'\n';
        }
    }

    private static byte HighNibbles(uint high, uint low) => (byte)((high >> 8 & 0xF) << 4 | (low >> 8 & 0xF));

    private static byte Centimetres(uint millimetres) => (byte)Math.Clamp((millimetres + 5) / 10, 1, 255);
}
