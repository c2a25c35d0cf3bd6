using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SplitVmm.DesktopService.Views;

namespace SplitVmm.DesktopService.Doctor;

/// <summary>A diagnosis for programs, by the schema of docs/doctor.md.</summary>
internal static class DoctorJson
{
    /// <summary>Raised when a name changes its meaning or goes away; not for new ones.</summary>
    public const int Schema = 1;

    public static string Write(HostDiagnosis diagnosis)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", Schema);
            json.WriteBoolean("canRun", diagnosis.CanRun);
            json.WriteString("result", diagnosis.Result);
            json.WriteStrings("options", diagnosis.Options);
            json.WriteString("gpuRuntime", diagnosis.GpuRuntime);
            json.WriteStartArray("sections");
            foreach (Section section in diagnosis.Sections)
            {
                Write(json, section);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, Section section)
    {
        json.WriteStartObject();
        json.WriteString("id", section.Id);
        json.WriteString("title", section.Title);
        json.WriteStartArray("findings");
        foreach (Finding finding in section.Findings)
        {
            json.WriteStartObject();
            json.WriteString("id", finding.Id);
            json.WriteString("title", finding.Title);
            json.WriteString("state", finding.State.Word());
            json.WriteString("text", finding.Text);
            json.WriteStrings("remedies", finding.Remedies);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
