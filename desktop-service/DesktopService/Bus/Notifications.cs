using System.Collections.Concurrent;
using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Text;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Bus;

/// <summary>Tells the user by the desktop; a machine has one notification at a time, so that a crash loop does not bury the screen.</summary>
/// <remarks>Desktop Notifications Specification, org.freedesktop.Notifications.Notify.</remarks>
internal sealed class Notifications(DBusConnection connection)
{
    private const string Service = "org.freedesktop.Notifications";
    private const string Path = "/org/freedesktop/Notifications";
    private const byte Normal = 1;
    private const byte Critical = 2;

    private readonly ConcurrentDictionary<string, uint> _shown = [];

    /// <summary>Returns at once.</summary>
    /// <param name="machine">Whose last notification this one replaces; empty: nobody's.</param>
    /// <param name="summary">One line.</param>
    /// <param name="body">One line.</param>
    /// <param name="isUrgent">It stays until the user has seen it.</param>
    public void Tell(string machine, string summary, string body, bool isUrgent) => _ = TellAsync(machine, summary, body, isUrgent);

    private async Task TellAsync(string machine, string summary, string body, bool isUrgent)
    {
        try
        {
            uint shown = await connection.CallMethodAsync(
                Call(machine, summary, body, isUrgent), static (message, _) => message.GetBodyReader().ReadUInt32(), null!).ConfigureAwait(false);
            if (machine.Length > 0)
            {
                _shown[machine] = shown;
            }
        }
        catch (DBusExceptionBase error)
        {
            // A desktop without notifications: the signals and the machine's own output say it too.
            OutputFile.StandardError.WriteLine($"splitvmm: {OneLine.Clean($"{summary}: {body} (no notification: {error.Message})")}");
        }
    }

    private MessageBuffer Call(string machine, string summary, string body, bool isUrgent)
    {
        MessageWriter writer = connection.GetMessageWriter();
        try
        {
            writer.WriteMethodCallHeader(Service, Path, Service, "Notify", "susssasa{sv}i", MessageFlags.None);
            writer.WriteString("SplitVmm");
            writer.WriteUInt32(_shown.GetValueOrDefault(machine));
            writer.WriteString(BusNames.Service);
            writer.WriteString(OneLine.Clean(summary));
            writer.WriteString(Escape(OneLine.Clean(body)));
            writer.WriteArray(Array.Empty<string>());
            ArrayStart hints = writer.WriteDictionaryStart();
            writer.WriteDictionaryEntryStart();
            writer.WriteString("desktop-entry");
            writer.WriteVariantString(BusNames.Service);
            writer.WriteDictionaryEntryStart();
            writer.WriteString("urgency");
            writer.WriteVariantByte(isUrgent ? Critical : Normal);
            writer.WriteDictionaryEnd(hints);
            // As long as the desktop likes.
            writer.WriteInt32(-1);
            return writer.CreateMessage();
        }
        finally
        {
            writer.Dispose();
        }
    }

    // A body may have markup, and what a process said of itself must not become some.
    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);
}
