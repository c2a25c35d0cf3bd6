using SplitVmm.DesktopService.Text;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace SplitVmm.DesktopService.Definitions;

/// <summary>
/// Takes a TOML document apart into keys with their tables, whichever of TOML's ways they were written in: under
/// <c>[gpu]</c>, as <c>gpu.blob</c>, or as <c>gpu = { blob = true }</c>. The tree keeps what a model would lose: lines.
/// </summary>
/// <remarks>https://toml.io/en/v1.0.0</remarks>
internal static class DefinitionSyntax
{
    /// <param name="text">The document.</param>
    /// <param name="mistakes">Gets what is no TOML.</param>
    public static List<DefinitionValue> Read(string text, List<Mistake> mistakes)
    {
        DocumentSyntax document = SyntaxParser.Parse(text, sourceName: "", validate: false);
        var values = new List<DefinitionValue>();
        if (document.Diagnostics.Count > 0)
        {
            // The others are mostly what follows from the first.
            DiagnosticMessage first = document.Diagnostics[0];
            mistakes.Add(new Mistake(LineOf(first.Span), $"this is no TOML: {Explain(OneLine.Clean(first.Message))}"));
            return values;
        }

        foreach (KeyValueSyntax pair in document.KeyValues)
        {
            Add(values, text, [], pair);
        }

        foreach (TableSyntaxBase table in document.Tables)
        {
            IReadOnlyList<string> name = PathOf(table.Name!);
            if (table is TableArraySyntax)
            {
                string written = string.Join('.', name);
                mistakes.Add(new Mistake(LineOf(table.Span), $"[[{written}]] is a list of tables, which no definition has; write [{written}]"));
                continue;
            }

            if (DefinitionKeys.NameOfTable(name) is { } wrong)
            {
                mistakes.Add(new Mistake(LineOf(table.Span), wrong));
                continue;
            }

            foreach (KeyValueSyntax pair in table.Items)
            {
                Add(values, text, name, pair);
            }
        }

        return values;
    }

    private static void Add(List<DefinitionValue> values, string text, IReadOnlyList<string> table, KeyValueSyntax pair)
    {
        List<string> path = [.. table, .. PathOf(pair.Key!)];
        ValueSyntax value = pair.Value!;
        if (value is InlineTableSyntax inline)
        {
            foreach (InlineTableItemSyntax item in inline.Items)
            {
                Add(values, text, path, item.KeyValue!);
            }

            return;
        }

        string source = text.Substring(value.Span.Offset, Math.Min(value.Span.Length, text.Length - value.Span.Offset));
        values.Add(new DefinitionValue(string.Join('.', path), LineOf(pair.Key!.Span), source, value));
    }

    private static List<string> PathOf(KeySyntax key)
    {
        List<string> path = [WordOf(key.Key!)];
        foreach (DottedKeyItemSyntax item in key.DotKeys)
        {
            path.Add(WordOf(item.Key!));
        }

        return path;
    }

    private static string WordOf(BareKeyOrStringValueSyntax word) => OneLine.Clean(word switch
    {
        StringValueSyntax quoted => quoted.Value ?? "",
        BareKeySyntax bare => bare.Key?.Text ?? "",
        _ => "",
    });

    private static string Explain(string message) => message.EndsWith("for a value", StringComparison.Ordinal)
        ? message + "; a text needs quotes, and the only words without are true and false"
        : message;

    // The parser counts from 0.
    private static int LineOf(SourceSpan span) => span.Start.Line + 1;
}
