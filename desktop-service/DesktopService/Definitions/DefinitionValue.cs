using SplitVmm.DesktopService.Text;
using Tomlyn.Syntax;

namespace SplitVmm.DesktopService.Definitions;

/// <summary>One value of a definition with the key that it was written for.</summary>
/// <param name="Path">The key with its table: <c>gpu.blob</c>.</param>
/// <param name="Line">Of the key, counted from 1.</param>
/// <param name="Source">The value as it was written, in one line.</param>
/// <param name="Syntax">The value.</param>
internal sealed record DefinitionValue(string Path, int Line, string Source, ValueSyntax Syntax)
{
    private const int LongestShown = 48;

    /// <summary>The value as it was written, short enough for a message.</summary>
    public string Shown
    {
        get
        {
            string line = OneLine.Clean(Source);
            return line.Length <= LongestShown ? line : line[..LongestShown] + "…";
        }
    }

    public string? Text => (Syntax as StringValueSyntax)?.Value;

    public bool? Switch => (Syntax as BooleanValueSyntax)?.Value;

    public long? Whole => (Syntax as IntegerValueSyntax)?.Value;

    /// <summary>With or without a fraction; never infinite, never NaN.</summary>
    public double? Number => Syntax switch
    {
        IntegerValueSyntax whole => whole.Value,
        FloatValueSyntax { Value: var value } when double.IsFinite(value) => value,
        _ => null,
    };

    /// <summary>Null unless it is a list of texts.</summary>
    public IReadOnlyList<string>? Texts
    {
        get
        {
            if (Syntax is not ArraySyntax array)
            {
                return null;
            }

            var texts = new List<string>();
            foreach (ArrayItemSyntax item in array.Items)
            {
                if (item.Value is not StringValueSyntax { Value: { } text })
                {
                    return null;
                }

                texts.Add(text);
            }

            return texts;
        }
    }

    public long? WholeBetween(long least, long most) => Whole is { } number && number >= least && number <= most ? number : null;

    public TimeSpan? Seconds(double least, double most) =>
        Number is { } seconds && seconds >= least && seconds <= most ? TimeSpan.FromSeconds(seconds) : null;
}
