using System.Globalization;

namespace SplitVmm.DisplayProcess.Pictures;

/// <summary>Writes a snapshot as a PNG that is complete whenever its name exists.</summary>
internal static class PngFile
{
    public static byte[] Encode(Snapshot snapshot) => PngEncoder.Encode(snapshot.Bytes, snapshot.Width, snapshot.Height);

    /// <summary>Writes beside the place and renames into it.</summary>
    /// <exception cref="IOException">The disk or the folder refuses; nothing is left behind.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> png)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string temporary = Path.Combine(
            folder, string.Create(CultureInfo.InvariantCulture, $".{Path.GetFileName(path)}.{Environment.ProcessId}"));
        try
        {
            File.WriteAllBytes(temporary, png);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }

            throw;
        }
    }
}
