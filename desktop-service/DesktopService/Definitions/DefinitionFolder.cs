using System.Text;
using SplitVmm.DesktopService.Machines;
using SplitVmm.Platform.Text;

namespace SplitVmm.DesktopService.Definitions;

/// <summary>Where definitions are: <c>$XDG_CONFIG_HOME/splitvmm/machines/NAME.toml</c>.</summary>
/// <remarks>XDG Base Directory Specification.</remarks>
internal static class DefinitionFolder
{
    private const string Extension = ".toml";

    /// <summary>A definition is a page; more is something else.</summary>
    private const int MostBytes = 1 << 20;

    public static string Root
    {
        get
        {
            string? chosen = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME");
            // The specification: a relative path is invalid, and ignored.
            string config = Path.IsPathRooted(chosen)
                ? chosen
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
            return Path.Combine(config, "splitvmm", "machines");
        }
    }

    /// <summary>Names of the files there are, right or wrong, sorted.</summary>
    public static string[] Names() => Directory.Exists(Root)
        ? [.. Directory.GetFiles(Root, "*" + Extension)
            .Select(Path.GetFileNameWithoutExtension)
            .OfType<string>()
            .Where(name => MachineName.TryParse(name, out _, out _))
            .Order(StringComparer.Ordinal)]
        : [];

    public static string PathOf(string name) => Path.Combine(Root, name + Extension);

    public static bool Exists(string name) => MachineName.TryParse(name, out _, out _) && File.Exists(PathOf(name));

    /// <summary>Reads the definition of a name.</summary>
    /// <param name="error">One line, if null is returned; of several mistakes the first.</param>
    public static MachineDefinition? Find(string name, out string error)
    {
        if (!Exists(name))
        {
            string[] known = Names();
            string remedy = known.Length == 0
                ? $"there is none in {Root} yet, splitvmm config put makes one"
                : Nearest.Suggest(name, known);
            error = $"no machine definition {name}; {remedy}";
            return null;
        }

        string path = PathOf(name);
        MachineDefinition? definition = Read(path, out IReadOnlyList<Mistake> mistakes);
        error = mistakes.Count switch
        {
            0 => "",
            1 => mistakes[0].In(path),
            _ => FormattableString.Invariant($"{mistakes[0].In(path)} (and {mistakes.Count - 1} more: splitvmm config check {name})"),
        };
        return definition;
    }

    /// <summary>Reads a file, wherever it is.</summary>
    /// <param name="mistakes">Empty if the result is not null.</param>
    public static MachineDefinition? Read(string path, out IReadOnlyList<Mistake> mistakes)
    {
        string full = Path.GetFullPath(path);
        string name = Path.GetFileNameWithoutExtension(full);
        if (!MachineName.TryParse(name, out _, out string wrongName))
        {
            mistakes = [new Mistake(0, $"{wrongName}; rename the file")];
            return null;
        }

        try
        {
            using FileStream file = File.OpenRead(full);
            string text = Decode(file, out string? wrong);
            if (wrong is not null)
            {
                mistakes = [new Mistake(0, wrong)];
                return null;
            }

            return DefinitionReader.Read(name, Path.GetDirectoryName(full)!, text, out mistakes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            mistakes = [new Mistake(0, $"cannot be read: {error.Message}")];
            return null;
        }
    }

    /// <summary>Reads the text of a definition.</summary>
    /// <param name="wrong">Null, or why it is none, in one line.</param>
    public static string Decode(Stream stream, out string? wrong)
    {
        wrong = null;
        var bytes = new byte[MostBytes + 1];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > MostBytes)
        {
            wrong = "is larger than 1 MiB: no definition";
            return "";
        }

        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            wrong = "is not UTF-8 text";
            return "";
        }
    }

    /// <summary>Stores a definition, if it is right. The former one stays until the new one is complete.</summary>
    /// <param name="source">What the text is called in messages.</param>
    /// <returns>Empty: done. Otherwise one line, and nothing has changed.</returns>
    public static string Put(string name, string text, bool replace, string source)
    {
        if (!replace && Exists(name))
        {
            return $"there is a definition {name}; --replace replaces it";
        }

        if (DefinitionReader.Read(name, Root, text, out IReadOnlyList<Mistake> mistakes) is null)
        {
            return mistakes[0].In(source);
        }

        try
        {
            AtomicFile.Replace(PathOf(name), text);
            return "";
        }
        catch (IOException error)
        {
            return error.Message;
        }
    }
}
