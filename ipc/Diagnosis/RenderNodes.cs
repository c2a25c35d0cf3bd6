namespace SplitVmm.Diagnosis;

/// <summary>Finds out whether drawing by OpenGL would be done by a GPU or by this machine's CPU.</summary>
public static class RenderNodes
{
    // Drivers whose nodes exist without a GPU behind them, or maybe without one (virtio_gpu): plain copies beat a
    // software OpenGL there.
    private static readonly string[] s_withoutGpu = ["vgem", "vkms", "virtio_gpu", "virtio-pci", "simple-framebuffer"];

    /// <param name="folder">Normally <c>/sys/class/drm</c>.</param>
    public static bool HasGpu(string folder = "/sys/class/drm")
    {
        if (!Directory.Exists(folder))
        {
            return false;
        }

        foreach (string node in Directory.EnumerateFileSystemEntries(folder, "renderD*"))
        {
            string link = Path.Combine(node, "device", "driver");
            string? driver = Path.Exists(link) ? Path.GetFileName(File.ResolveLinkTarget(link, false)?.FullName) : null;
            if (driver is not null && !s_withoutGpu.Contains(driver))
            {
                return true;
            }
        }

        return false;
    }
}
