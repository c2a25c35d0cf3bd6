using System.Globalization;
using Spectre.Console;

namespace SplitVmm.DesktopService.Views;

/// <summary>The status line, as Spectre markup and as what a terminal understands.</summary>
internal static class StatusText
{
    public static string Markup(MachineStatus status)
    {
        var parts = new List<string>
        {
            $"[bold]{status.State.EscapeMarkup()}[/] {Words.Seconds(status.Elapsed)} s",
        };
        if (status.IsSandboxOff)
        {
            parts.Add("[bold white on red]SANDBOX OFF[/]");
        }

        if (status.Down.Count > 0)
        {
            parts.Add($"[yellow]{string.Join(", ", status.Down).EscapeMarkup()} restarting[/]");
        }

        if (status.Silent.Count > 0)
        {
            parts.Add($"[red]{string.Join(", ", status.Silent).EscapeMarkup()} does not answer[/]");
        }

        if (status.Frames > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"[green]{status.FramesPerSecond:0.0} fps[/]"));
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{status.Frames} frames"));
        }

        if (status.FirstFrame is { } first)
        {
            parts.Add($"first after {Words.Seconds(first)} s");
        }

        if (status.Renderer is { Length: > 0 } renderer)
        {
            parts.Add($"[grey]{renderer.EscapeMarkup()}[/]");
        }

        return string.Join("  ", parts);
    }

    /// <summary>One line of at most <paramref name="width"/> columns with its colours, without a line end.</summary>
    public static string Render(MachineStatus status, int width)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Interactive = InteractionSupport.No,
            Out = new LineOutput(text, width),
        });
        console.Write(new Markup(Markup(status)).Overflow(Overflow.Ellipsis));
        string line = text.ToString();
        int end = line.AsSpan().IndexOfAny('\r', '\n');
        // What did not fit went to a second line.
        return end < 0 ? line : line[..end];
    }

    private sealed class LineOutput(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => width;

        public int Height => 1;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
