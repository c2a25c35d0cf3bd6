using System.Text;

namespace SplitVmm.DesktopService.Bus.Wire;

/// <summary>The introspection files of the tree, which are parts of the program.</summary>
internal static class InterfaceFile
{
    /// <summary>The <c>interface</c> element of a file, without the document around it.</summary>
    public static ReadOnlyMemory<byte> Read(string name)
    {
        using Stream stream = typeof(InterfaceFile).Assembly.GetManifestResourceStream(name + ".xml")
            ?? throw new InvalidOperationException($"{name}.xml is no part of the program");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        string text = reader.ReadToEnd();
        const string End = "</interface>";
        int start = text.IndexOf("<interface ", StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text[start..(text.IndexOf(End, StringComparison.Ordinal) + End.Length)] + "\n");
    }
}
