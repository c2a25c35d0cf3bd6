namespace SplitVmm.DesktopService.Definitions;

/// <summary>A key that a definition may have.</summary>
/// <param name="Path">With its table: <c>gpu.blob</c>.</param>
/// <param name="Takes">What its value is, after "takes".</param>
/// <param name="Default">What holds without it, for the page.</param>
/// <param name="Meaning">For the page (docs/machines.md).</param>
/// <param name="Apply">Puts the value into the draft; false: it is not what the key takes.</param>
internal sealed record DefinitionKey(
    string Path, string Takes, string Default, string Meaning, Func<DefinitionValue, DefinitionDraft, bool> Apply)
{
    /// <summary>Empty for the keys before the first table.</summary>
    public string Table => Path.Contains('.', StringComparison.Ordinal) ? Path[..Path.IndexOf('.', StringComparison.Ordinal)] : "";

    public string Name => Path[(Path.IndexOf('.', StringComparison.Ordinal) + 1)..];

    /// <summary>A path that must be there before the machine starts: what kind of thing it is; null: no such path.</summary>
    public Func<DefinitionDraft, string?>? MissingFile { get; init; }
}
