using System.Text.Json;

namespace SplitVmm.DesktopService.Views;

/// <summary>Lists of texts in JSON.</summary>
internal static class JsonStrings
{
    /// <summary>Writes a property that is an array of strings.</summary>
    public static void WriteStrings(this Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
