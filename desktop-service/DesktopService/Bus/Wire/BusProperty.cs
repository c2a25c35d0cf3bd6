using System.Globalization;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Bus.Wire;

/// <summary>Writes what a signature says.</summary>
internal delegate void BodyWriter(ref MessageWriter writer);

/// <summary>A property of an object with its value at one moment.</summary>
/// <param name="Name">As the introspection file has it.</param>
/// <param name="Signature">Of the value.</param>
/// <param name="Image">Equal for equal values.</param>
/// <param name="Write">Writes the value, without its signature.</param>
internal sealed record BusProperty(string Name, string Signature, string Image, BodyWriter Write)
{
    public static BusProperty Text(string name, string value) => new(name, "s", value, (ref MessageWriter writer) => writer.WriteString(value));

    public static BusProperty Count(string name, uint value) =>
        new(name, "u", value.ToString(CultureInfo.InvariantCulture), (ref MessageWriter writer) => writer.WriteUInt32(value));

    public static BusProperty Flag(string name, bool value) => new(name, "b", value ? "1" : "0", (ref MessageWriter writer) => writer.WriteBool(value));

    public static BusProperty Texts(string name, params string[] values) =>
        new(name, "as", string.Join('\n', values), (ref MessageWriter writer) => writer.WriteArray(values));

    public static BusProperty Counts(string name, params uint[] values) =>
        new(name, "au", string.Join(' ', values), (ref MessageWriter writer) => writer.WriteArray(values));

    public static BusProperty Whole(string name, int value) =>
        new(name, "i", value.ToString(CultureInfo.InvariantCulture), (ref MessageWriter writer) => writer.WriteInt32(value));

    public void WriteVariant(ref MessageWriter writer)
    {
        writer.WriteSignature(Signature);
        Write(ref writer);
    }

    /// <summary>Writes <c>a{sv}</c>.</summary>
    public static void WriteAll(ref MessageWriter writer, IEnumerable<BusProperty> properties)
    {
        ArrayStart dictionary = writer.WriteDictionaryStart();
        foreach (BusProperty property in properties)
        {
            writer.WriteDictionaryEntryStart();
            writer.WriteString(property.Name);
            property.WriteVariant(ref writer);
        }

        writer.WriteDictionaryEnd(dictionary);
    }
}
