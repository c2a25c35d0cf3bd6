using System.Buffers;
using System.Text;
using System.Text.Json;
using SplitVmm.DesktopService.Definitions;

namespace SplitVmm.DesktopService.Views;

/// <summary>What is said of definitions, for programs.</summary>
internal static class DefinitionText
{
    /// <summary>A list of files with their mistakes.</summary>
    public static string Json(IEnumerable<(string File, IReadOnlyList<Mistake> Mistakes)> results) => Write(json =>
    {
        foreach ((string file, IReadOnlyList<Mistake> mistakes) in results)
        {
            json.WriteStartObject();
            json.WriteString("file", file);
            json.WriteStartArray("mistakes");
            foreach (Mistake mistake in mistakes)
            {
                json.WriteStartObject();
                json.WriteNumber("line", mistake.Line);
                json.WriteString("text", mistake.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    });

    /// <summary>A list of definitions by name.</summary>
    public static string Json(IEnumerable<string> names) => Write(json =>
    {
        foreach (string name in names)
        {
            MachineDefinition? definition = DefinitionFolder.Find(name, out string error);
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("file", DefinitionFolder.PathOf(name));
            json.WriteString("title", definition?.Title ?? name);
            json.WriteString("error", error);
            json.WriteEndObject();
        }
    });

    private static string Write(Action<Utf8JsonWriter> items)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartArray();
            items(json);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
