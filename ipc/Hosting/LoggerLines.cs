using Microsoft.Extensions.Logging;

namespace SplitVmm.Hosting;

/// <summary>A log as a taker of finished lines.</summary>
public static partial class LoggerLines
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    public static partial void Line(this ILogger logger, string line);
}
