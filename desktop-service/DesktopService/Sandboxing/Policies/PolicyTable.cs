using SplitVmm.Platform.Text;
using Tomlyn.Syntax;

namespace SplitVmm.DesktopService.Sandboxing.Policies;

/// <summary>One table of a policy, read strictly: each key once, of the right type, and no key that nobody knows.</summary>
internal sealed class PolicyTable
{
    private readonly string _file;
    private readonly Dictionary<string, KeyValueSyntax> _entries = [];

    /// <param name="file">For messages.</param>
    /// <param name="line">Of the table's header; 1 for the file itself.</param>
    /// <param name="name">As in the header.</param>
    /// <param name="items">The keys; any key other than <paramref name="known"/> is refused, unless that is empty.</param>
    public PolicyTable(string file, int line, string name, IEnumerable<KeyValueSyntax> items, params string[] known)
    {
        _file = file;
        Line = line;
        Name = name;
        foreach (KeyValueSyntax item in items)
        {
            string key = item.Key!.ToString().Trim();
            if (known.Length > 0 && !known.Contains(key))
            {
                throw Fault(item, $"unknown key '{key}'; {Nearest.Suggest(key, known)}");
            }

            if (!_entries.TryAdd(key, item))
            {
                throw Fault(item, $"the key '{key}' stands there twice");
            }
        }
    }

    public string Name { get; }

    public int Line { get; }

    public IEnumerable<string> Keys => _entries.Keys;

    public bool Has(string key) => _entries.ContainsKey(key);

    public string RequireText(string key) => Find(key) is { } item
        ? Text(item, item.Value)
        : throw new PolicyException(_file, Line, $"'{Name}' needs a key '{key}'");

    public string? FindText(string key) => Find(key) is { } item ? Text(item, item.Value) : null;

    public ulong RequireNumber(string key) => Find(key) switch
    {
        { Value: IntegerValueSyntax { Value: >= 0 } number } => (ulong)number.Value,
        { } item => throw Fault(item, $"'{key}' must be a whole number, 0 or more"),
        null => throw new PolicyException(_file, Line, $"'{Name}' needs a key '{key}'"),
    };

    /// <summary>The texts of a list, each with its line; empty if the key is missing.</summary>
    public IEnumerable<(string Text, int Line)> FindList(string key)
    {
        if (Find(key) is not { } item)
        {
            yield break;
        }

        if (item.Value is not ArraySyntax array)
        {
            throw Fault(item, $"'{key}' must be a list of texts in brackets");
        }

        foreach (ArrayItemSyntax entry in array.Items)
        {
            yield return (Text(entry, entry.Value), LineOf(entry));
        }
    }

    public IReadOnlyList<string> Texts(string key) => [.. FindList(key).Select(entry => entry.Text)];

    public PolicyException Fault(int line, string problem) => new(_file, line, problem);

    public int LineOfKey(string key) => Find(key) is { } item ? LineOf(item) : Line;

    private static int LineOf(SyntaxNode node) => node.Span.Start.Line + 1;

    private KeyValueSyntax? Find(string key) => _entries.GetValueOrDefault(key);

    private string Text(SyntaxNode place, ValueSyntax? value) => value is StringValueSyntax { Value: { } text }
        ? text
        : throw Fault(place, "a text in quotes is expected here");

    private PolicyException Fault(SyntaxNode node, string problem) => new(_file, LineOf(node), problem);
}
