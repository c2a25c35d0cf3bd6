using System.Globalization;
using System.Runtime.CompilerServices;

namespace SplitVmm.GpuProcess.Logging;

/// <summary>A line for a <see cref="GuestLog"/>, whose parts are looked at only if the log passes it on.</summary>
[InterpolatedStringHandler]
internal ref struct GuestLine
{
    private DefaultInterpolatedStringHandler _text;

    /// <summary>Called by the compiler, which leaves the parts out if <paramref name="isWanted"/> is false.</summary>
    public GuestLine(int literalLength, int formattedCount, GuestLog log, out bool isWanted)
    {
        isWanted = log.TryBegin();
        IsWanted = isWanted;
        _text = isWanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
    }

    public bool IsWanted { get; }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    /// <summary>The text, once.</summary>
    public string TakeText() => _text.ToStringAndClear();
}
