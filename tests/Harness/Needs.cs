using Xunit;

namespace SplitVmm.Harness;

/// <summary>Skips the calling test, with the reason, where the machine lacks what the test needs.</summary>
public static class Needs
{
    /// <summary>A <c>/dev/kvm</c> that this user may open for reading and writing.</summary>
    public static void Kvm()
    {
        if (!File.Exists("/dev/kvm"))
        {
            Assert.Skip("no /dev/kvm on this machine");
        }

        try
        {
            using FileStream device = new("/dev/kvm", FileMode.Open, FileAccess.ReadWrite);
        }
        catch (UnauthorizedAccessException)
        {
            Assert.Skip("no permission to open /dev/kvm (group kvm)");
        }
    }

    /// <summary>A program on PATH or in a usual place of Debian; returns where it is.</summary>
    /// <param name="program">File name, for example <c>qemu-storage-daemon</c>.</param>
    /// <param name="package">The Debian package that brings it, for the reason.</param>
    public static string Program(string program, string package)
    {
        IEnumerable<string> folders =
            [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/usr/libexec", "/usr/lib/qemu"];
        string? found = folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        if (found is null)
        {
            Assert.Skip($"{program} is not installed (Debian package {package})");
        }

        return found;
    }

    /// <summary>An image of <c>packaging/image</c>, which <c>run-tests</c> builds before the tests that use it.</summary>
    /// <returns>The folder of the image in the cache.</returns>
    public static string Image(string name)
    {
        RunResult result = ChildProgram.Run(SourceTree.Path("packaging", "image"), [name, "--print-path"], TimeSpan.FromMinutes(30));
        if (result.ExitStatus != 0)
        {
            Assert.Skip($"image {name} cannot be made here: {result.StandardError.Trim()}");
        }

        return result.StandardOutput.Trim().Split('\n')[^1];
    }
}
