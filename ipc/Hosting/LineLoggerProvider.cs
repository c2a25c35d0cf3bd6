using Microsoft.Extensions.Logging;

namespace SplitVmm.Hosting;

/// <summary>Writes each message as one line on standard error.</summary>
/// <param name="prefix">
/// Stands before each line: <c>"NAME: "</c> as command-line tools do, or nothing where the supervisor reads the lines and puts
/// the process's name before them.
/// </param>
internal sealed class LineLoggerProvider(string prefix) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            string line = prefix + formatter(state, exception);
            Console.Error.WriteLine(exception is null ? line : $"{line}: {exception}");
        }
    }

    public void Dispose()
    {
    }
}
