using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Text;

namespace SplitVmm.DesktopService.Views;

/// <summary>What a machine says of itself, for people and for programs.</summary>
internal static class MachineText
{
    /// <summary>For a list.</summary>
    public static string Line(MachineInfo machine) => string.Create(
        CultureInfo.InvariantCulture,
        $"{machine.Name}  {machine.State}  {machine.Seconds:0} s  {machine.FramesPerSecond:0.0} fps  pid {machine.Pid}");

    public static string Paragraph(MachineInfo machine)
    {
        var text = new StringBuilder();
        void Add(string label, FormattableString value) =>
            text.Append('\n').Append(label.PadRight(10)).Append(OneLine.Clean(value.ToString(CultureInfo.InvariantCulture)));
        _ = text.Append(CultureInfo.InvariantCulture, $"{machine.Name}: {machine.State} for {machine.Seconds:0.0} s");
        if (machine.Down.Count > 0)
        {
            Add("down", $"{string.Join(", ", machine.Down)} (restarting)");
        }

        Add("frames", $"{machine.Frames}, {machine.FramesPerSecond:0.0} per second, {machine.Width}x{machine.Height}");
        if (machine.Renderer.Length > 0)
        {
            Add("renderer", $"{machine.Renderer} {machine.Capsets}");
        }

        if (machine.FrameTransport.Length > 0)
        {
            Add("transport", $"{machine.FrameTransport}{(machine.FrameTransportReason.Length > 0 ? ": " : "")}{machine.FrameTransportReason}");
            Add("copies", $"{machine.GpuCopies} of {machine.FramesSent} frames sent, {machine.DisplayCopies} of {machine.FramesReceived} received");
        }

        if (machine.FlipsNotAwaited > 0)
        {
            Add("torn", $"perhaps {machine.FlipsNotAwaited} pictures: the display did not answer, and the guest drew on");
        }

        if (machine.FrameLatencyMicroseconds > 0)
        {
            Add("latency", $"{machine.FrameLatencyMicroseconds / 1e3:0.0} ms from flush to picture, 99 of 100 below {machine.FrameLatencyP99Microseconds / 1e3:0.0} ms");
        }

        Add("restarts", $"{machine.Restarts}, after {machine.Crashes} crashes");
        if (machine.WindowRepairs > 0)
        {
            Add("window", $"emptied {machine.WindowRepairs} times because memory of the GPU was gone");
        }

        Add("processes", $"{string.Join(", ", machine.Processes.Select(process => $"{process.Name} {process.Pid} {process.State}"))}");
        return text.ToString();
    }

    public static string Json(MachineInfo machine) => Write(json => Write(json, machine));

    public static string Json(IReadOnlyList<MachineInfo> machines) => Write(json =>
    {
        json.WriteStartArray();
        foreach (MachineInfo machine in machines)
        {
            Write(json, machine);
        }

        json.WriteEndArray();
    });

    private static string Write(Action<Utf8JsonWriter> body)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            body(json);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, MachineInfo machine)
    {
        json.WriteStartObject();
        json.WriteString("name", machine.Name);
        json.WriteNumber("pid", machine.Pid);
        json.WriteString("state", machine.State);
        json.WriteNumber("seconds", Math.Round(machine.Seconds, 3));
        json.WriteNumber("frames", machine.Frames);
        json.WriteNumber("framesPerSecond", Math.Round(machine.FramesPerSecond, 1));
        json.WriteNumber("width", machine.Width);
        json.WriteNumber("height", machine.Height);
        json.WriteString("renderer", machine.Renderer);
        json.WriteString("capsets", machine.Capsets);
        json.WriteString("gpuMode", machine.GpuMode);
        json.WriteString("frameTransport", machine.FrameTransport);
        json.WriteString("frameTransportReason", machine.FrameTransportReason);
        json.WriteNumber("framesSent", machine.FramesSent);
        json.WriteNumber("gpuCopies", machine.GpuCopies);
        json.WriteNumber("flipsNotAwaited", machine.FlipsNotAwaited);
        json.WriteNumber("framesReceived", machine.FramesReceived);
        json.WriteNumber("displayCopies", machine.DisplayCopies);
        json.WriteNumber("frameLatencyMicroseconds", machine.FrameLatencyMicroseconds);
        json.WriteNumber("frameLatencyP99Microseconds", machine.FrameLatencyP99Microseconds);
        json.WriteNumber("restarts", machine.Restarts);
        json.WriteNumber("windowRepairs", machine.WindowRepairs);
        json.WriteNumber("crashes", machine.Crashes);
        json.WriteStrings("down", machine.Down);
        json.WriteStartArray("processes");
        foreach (MachineProcess process in machine.Processes)
        {
            json.WriteStartObject();
            json.WriteString("name", process.Name);
            json.WriteNumber("pid", process.Pid);
            json.WriteString("state", process.State);
            json.WriteNumber("restarts", process.Restarts);
            json.WriteNumber("crashes", process.Crashes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
