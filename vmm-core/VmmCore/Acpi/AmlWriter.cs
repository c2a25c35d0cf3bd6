using System.Buffers.Binary;

namespace SplitVmm.VmmCore.Acpi;

/// <summary>
/// Writes ACPI Machine Language (ACPI 6.5 chapter 20): named objects, packages with their lengths, and the few
/// operators that the DSDT needs. Names are given as in ASL, for example <c>\_SB.PCI0</c>.
/// </summary>
internal sealed class AmlWriter
{
    // Section 20.3, AML byte stream byte values.
    private const byte ZeroOp = 0x00;
    private const byte OneOp = 0x01;
    private const byte NameOp = 0x08;
    private const byte BytePrefix = 0x0A;
    private const byte WordPrefix = 0x0B;
    private const byte DWordPrefix = 0x0C;
    private const byte StringPrefix = 0x0D;
    private const byte QWordPrefix = 0x0E;
    private const byte ScopeOp = 0x10;
    private const byte BufferOp = 0x11;
    private const byte PackageOp = 0x12;
    private const byte MethodOp = 0x14;
    private const byte DualNamePrefix = 0x2E;
    private const byte MultiNamePrefix = 0x2F;
    private const byte ExtOpPrefix = 0x5B;
    private const byte Local0Op = 0x60;
    private const byte Arg0Op = 0x68;
    private const byte StoreOp = 0x70;
    private const byte AndOp = 0x7B;
    private const byte OrOp = 0x7D;
    private const byte NotifyOp = 0x86;
    private const byte CreateDWordFieldOp = 0x8A;
    private const byte LEqualOp = 0x93;
    private const byte IfOp = 0xA0;
    private const byte ElseOp = 0xA1;
    private const byte ReturnOp = 0xA4;
    private const byte ExtOpRegionOp = 0x80;
    private const byte ExtFieldOp = 0x81;
    private const byte ExtDeviceOp = 0x82;

    private readonly List<byte> _bytes = new(256);

    public byte[] ToArray() => [.. _bytes];

    public void Scope(string name, Action<AmlWriter> body) => Block([ScopeOp], inner => inner.NameString(name), body);

    public void Device(string name, Action<AmlWriter> body) =>
        Block([ExtOpPrefix, ExtDeviceOp], inner => inner.NameString(name), body);

    public void Method(string name, byte arguments, bool serialized, Action<AmlWriter> body) =>
        Block(
            [MethodOp],
            inner =>
            {
                inner.NameString(name);
                inner._bytes.Add((byte)(arguments | (serialized ? 8 : 0)));
            },
            body);

    public void If(Action<AmlWriter> condition, Action<AmlWriter> body) => Block([IfOp], condition, body);

    public void Else(Action<AmlWriter> body) => Block([ElseOp], static _ => { }, body);

    /// <summary>A named object; <paramref name="value"/> writes it.</summary>
    public void Name(string name, Action<AmlWriter> value)
    {
        _bytes.Add(NameOp);
        NameString(name);
        value(this);
    }

    public void Name(string name, ulong value) => Name(name, writer => writer.Integer(value));

    public void Integer(ulong value)
    {
        switch (value)
        {
            case 0:
                _bytes.Add(ZeroOp);
                break;
            case 1:
                _bytes.Add(OneOp);
                break;
            case <= byte.MaxValue:
                Prefixed(BytePrefix, value, sizeof(byte));
                break;
            case <= ushort.MaxValue:
                Prefixed(WordPrefix, value, sizeof(ushort));
                break;
            case <= uint.MaxValue:
                Prefixed(DWordPrefix, value, sizeof(uint));
                break;
            default:
                Prefixed(QWordPrefix, value, sizeof(ulong));
                break;
        }
    }

    public void Text(string text)
    {
        _bytes.Add(StringPrefix);
        Ascii(text);
        _bytes.Add(0);
    }

    /// <summary>A compressed EISA identifier such as PNP0A08 (section 19.6.37).</summary>
    public void EisaId(string id)
    {
        uint letters = ((uint)(id[0] - '@') << 10) | ((uint)(id[1] - '@') << 5) | (uint)(id[2] - '@');
        uint number = Convert.ToUInt32(id[3..], 16);
        Prefixed(DWordPrefix, BinaryPrimitives.ReverseEndianness((letters << 16) | number), sizeof(uint));
    }

    public void Buffer(ReadOnlySpan<byte> content)
    {
        byte[] copy = content.ToArray();
        Block([BufferOp], inner => inner.Integer((ulong)copy.Length), inner => inner._bytes.AddRange(copy));
    }

    /// <summary>A UUID as the 16 bytes of a buffer (section 19.6.142).</summary>
    public void Uuid(string uuid) => Buffer(Guid.Parse(uuid).ToByteArray());

    public void Package(params ReadOnlySpan<byte> elements)
    {
        byte[] copy = elements.ToArray();
        Block([PackageOp], inner => inner._bytes.Add((byte)copy.Length), inner =>
        {
            foreach (byte element in copy)
            {
                inner.Integer(element);
            }
        });
    }

    /// <summary>A region of I/O ports (section 19.6.100).</summary>
    public void IoRegion(string name, ushort start, ushort size)
    {
        const byte SystemIo = 1;
        _bytes.AddRange([ExtOpPrefix, ExtOpRegionOp]);
        NameString(name);
        _bytes.Add(SystemIo);
        Integer(start);
        Integer(size);
    }

    /// <summary>Names a byte of a region, accessed by bytes, without a lock (section 19.6.48).</summary>
    public void ByteField(string region, string name, byte offset)
    {
        const byte ByteAccess = 1;
        const byte ReservedField = 0;
        Block([ExtOpPrefix, ExtFieldOp], inner => inner.NameString(region), inner =>
        {
            inner._bytes.Add(ByteAccess);
            if (offset > 0)
            {
                inner._bytes.Add(ReservedField);
                inner.FieldLength(offset * 8u);
            }

            inner.NameString(name);
            inner.FieldLength(8);
        });
    }

    public void Argument(int index) => _bytes.Add((byte)(Arg0Op + index));

    public void Local(int index) => _bytes.Add((byte)(Local0Op + index));

    public void Store(Action<AmlWriter> value, Action<AmlWriter> target) => Operator(StoreOp, value, target);

    public void LEqual(Action<AmlWriter> left, Action<AmlWriter> right) => Operator(LEqualOp, left, right);

    public void And(Action<AmlWriter> left, Action<AmlWriter> right, Action<AmlWriter> target) =>
        Operator(AndOp, left, right, target);

    public void Or(Action<AmlWriter> left, Action<AmlWriter> right, Action<AmlWriter> target) =>
        Operator(OrOp, left, right, target);

    public void CreateDWordField(Action<AmlWriter> buffer, byte offset, string name) =>
        Operator(CreateDWordFieldOp, buffer, writer => writer.Integer(offset), writer => writer.NameString(name));

    public void Notify(string device, byte code) =>
        Operator(NotifyOp, writer => writer.NameString(device), writer => writer.Integer(code));

    public void Return(Action<AmlWriter> value) => Operator(ReturnOp, value);

    /// <summary>No target: the result is only used by the operator around.</summary>
    public static void NoTarget(AmlWriter writer) => writer._bytes.Add(ZeroOp);

    /// <summary>A name path (section 20.2.2); segments are filled up to four characters.</summary>
    public void NameString(string path)
    {
        ReadOnlySpan<char> rest = path;
        while (rest is ['\\' or '^', ..])
        {
            _bytes.Add((byte)rest[0]);
            rest = rest[1..];
        }

        string[] segments = rest.ToString().Split('.');
        if (segments.Length == 2)
        {
            _bytes.Add(DualNamePrefix);
        }
        else if (segments.Length > 2)
        {
            _bytes.AddRange([MultiNamePrefix, (byte)segments.Length]);
        }

        foreach (string segment in segments)
        {
            Ascii(segment.PadRight(4, '_'));
        }
    }

    private void Operator(byte code, params ReadOnlySpan<Action<AmlWriter>> operands)
    {
        _bytes.Add(code);
        foreach (Action<AmlWriter> operand in operands)
        {
            operand(this);
        }
    }

    private void Block(ReadOnlySpan<byte> code, Action<AmlWriter> head, Action<AmlWriter> body)
    {
        _bytes.AddRange(code);
        var inner = new AmlWriter();
        head(inner);
        body(inner);
        PackageLength(inner._bytes.Count);
        _bytes.AddRange(inner._bytes);
    }

    // Section 20.2.4: the length counts its own bytes, of which there are one to four.
    private void PackageLength(int content)
    {
        int width = content + 1 <= 0x3F ? 1 : content + 2 <= 0xFFF ? 2 : content + 3 <= 0xF_FFFF ? 3 : 4;
        EncodeLength((uint)(content + width), width);
    }

    // The same encoding without counting itself: widths of fields in bits.
    private void FieldLength(uint bits) => EncodeLength(bits, bits <= 0x3F ? 1 : 2);

    private void EncodeLength(uint length, int width)
    {
        if (width == 1)
        {
            _bytes.Add((byte)length);
            return;
        }

        _bytes.Add((byte)(((width - 1) << 6) | (int)(length & 0xF)));
        for (int i = 0; i < width - 1; i++)
        {
            _bytes.Add((byte)(length >> (4 + (8 * i))));
        }
    }

    private void Prefixed(byte prefix, ulong value, int size)
    {
        _bytes.Add(prefix);
        for (int i = 0; i < size; i++)
        {
            _bytes.Add((byte)(value >> (8 * i)));
        }
    }

    private void Ascii(string text)
    {
        foreach (char character in text)
        {
            _bytes.Add((byte)character);
        }
    }
}
