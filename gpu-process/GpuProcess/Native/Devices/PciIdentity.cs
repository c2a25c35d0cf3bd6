using System.Globalization;

namespace SplitVmm.GpuProcess.Native.Devices;

/// <summary>Which PCI function a GPU is.</summary>
internal sealed record PciIdentity(uint Domain, uint Bus, uint Device, uint Function, uint DeviceId, uint Revision)
{
    /// <summary>Of a render node, out of sysfs.</summary>
    /// <returns>Null: the GPU is not on PCI, or sysfs does not say.</returns>
    public static PciIdentity? Of(string node)
    {
        try
        {
            string folder = $"/sys/class/drm/{Path.GetFileName(node)}/device";
            string? target = new FileInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.Name;
            // 0000:03:00.0
            string[] parts = (target ?? "").Split(':', '.');
            return parts.Length == 4
                ? new PciIdentity(
                    Hex(parts[0]), Hex(parts[1]), Hex(parts[2]), Hex(parts[3]),
                    Hex(File.ReadAllText(Path.Combine(folder, "device"))), Hex(File.ReadAllText(Path.Combine(folder, "revision"))))
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    private static uint Hex(string text)
    {
        text = text.Trim();
        return uint.Parse(text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
