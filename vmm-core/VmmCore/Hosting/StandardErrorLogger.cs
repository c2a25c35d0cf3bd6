using Microsoft.Extensions.Logging;

namespace SplitVmm.VmmCore.Hosting;

/// <summary>Writes each message as a line on standard error, after the program's name, as command-line tools do.</summary>
internal sealed class StandardErrorLoggerProvider : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new StandardErrorLogger();

    public void Dispose()
    {
    }

    private sealed class StandardErrorLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Console.Error.WriteLine($"vmm-core: {formatter(state, exception)}");
            }
        }
    }
}
