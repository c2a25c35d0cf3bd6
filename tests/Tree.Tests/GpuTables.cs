using System.Text;
using SplitVmm.Diagnosis;

namespace SplitVmm.Tree.Tests;

/// <summary>The tables of docs/gpu.md, made of what <c>splitvmm doctor</c> and gpu-process judge by.</summary>
internal static class GpuTables
{
    public static string Host()
    {
        var text = Begin("the guest draws with", "`--gpu`", "in this version", "host kernel", "virglrenderer", "host needs", "packages of Debian");
        foreach (GuestContext type in GuestContexts.All)
        {
            Row(
                text, type.Title, Code(type.Option), type.InThisVersion ? "yes" : "not yet", HostKernel(type), Library(type),
                HostNeeds(type), type.HostPackages.Length > 0 ? Code(type.HostPackages) : "");
        }

        return text.ToString();
    }

    public static string Guest()
    {
        var text = Begin("the guest draws with", "guest kernel", "Mesa in the guest", "`hostmem=`", "Mesa's page");
        foreach (GuestContext type in GuestContexts.All)
        {
            Row(text, type.Title, Newer(type.GuestKernel), GuestMesa(type), type.HostMemory, $"[{PageName(type.Link)}]({type.Link})");
        }

        return text.ToString();
    }

    public static string Versions()
    {
        var text = Begin("virglrenderer", "file", "Debian", "recognised by", "tested", "what guests can have by it", "what it lacks");
        foreach (VirglVersion version in VirglVersion.All)
        {
            Row(
                text, version.Name, Code("libvirglrenderer.so." + version.FileVersion + ".*"), version.Debian,
                version.FirstExport is { } export ? Code(export) : version == VirglVersion.All[0] ? "none of the functions below" : "the name of its file", version.Tested ? "every run" : "no", version.Can, version.Cannot);
        }

        return text.ToString();
    }

    private static string HostKernel(GuestContext type) =>
        string.Join("; ", ((string[])[type.HostKernel is { } oldest ? $"{oldest} or newer" : type.HostKernelNote.Length > 0 ? "" : "any", type.HostKernelNote])
            .Where(part => part.Length > 0));

    private static string HostNeeds(GuestContext type) =>
        type.HostNeeds + (type.Elsewhere is { } architecture ? $". Such GPUs are in {architecture} machines only, and SplitVmm runs on x86-64" : "");

    private static string GuestMesa(GuestContext type) => char.IsAsciiDigit(type.GuestMesa[0]) ? Newer(type.GuestMesa) : type.GuestMesa;

    private static string Newer(string? version) => version is null ? "not needed" : $"{version} or newer";

    private static string Library(GuestContext type) =>
        type.HostDriver is not null ? $"not needed; {Newer(type.Virglrenderer)} for `native=virglrenderer`" : Newer(type.Virglrenderer);

    private static string PageName(string link) => Path.GetFileNameWithoutExtension(link);

    // Words in parentheses behind an option are for people.
    private static string Code(string text)
    {
        int at = text.IndexOf(" (", StringComparison.Ordinal);
        return at < 0 ? $"`{text}`" : $"`{text[..at]}`{text[at..]}";
    }

    private static StringBuilder Begin(params string[] columns)
    {
        var text = new StringBuilder();
        Row(text, columns);
        return text.Append('|').Append(string.Concat(Enumerable.Repeat("---|", columns.Length))).Append('\n');
    }

    private static void Row(StringBuilder text, params string[] cells) => text.Append("| ").Append(string.Join(" | ", cells)).Append(" |\n");
}
