using System.Text;
using SplitVmm.DesktopService.Text;

namespace SplitVmm.DesktopService.Doctor;

/// <summary>A diagnosis for people: a line for each finding in columns, the remedy below it.</summary>
/// <param name="width">Characters of a line at most, as far as words allow.</param>
/// <param name="colour">The output is a terminal that knows colours.</param>
internal sealed class DoctorText(int width, bool colour)
{
    private const string Reset = "\e[0m";
    private const string Bold = "\e[1m";
    private const string Arrow = "-> ";

    private static readonly int s_stateColumn = Enum.GetValues<FindingState>().Max(state => state.Word().Length);

    public string Write(HostDiagnosis diagnosis)
    {
        int titles = diagnosis.Sections.SelectMany(section => section.Findings).Max(finding => finding.Title.Length);
        var text = new StringBuilder();
        foreach (Section section in diagnosis.Sections)
        {
            text.Append(Painted(Bold, section.Title)).Append('\n');
            foreach (Finding finding in section.Findings)
            {
                Write(text, finding, titles);
            }

            text.Append('\n');
        }

        return text.Append(Painted(diagnosis.CanRun ? Colour(FindingState.Works) : Colour(FindingState.Missing), diagnosis.Result)).Append('\n').ToString();
    }

    private void Write(StringBuilder text, Finding finding, int titles)
    {
        string state = Painted(Colour(finding.State), finding.State.Word().PadRight(s_stateColumn));
        text.Append("  ").Append(state).Append("  ").Append(finding.Title.PadRight(titles)).Append("  ");
        int indent = 2 + s_stateColumn + 2 + titles + 2;
        Wrap(text, OneLine.Clean(finding.Text), indent, "");
        foreach (string remedy in finding.Remedies)
        {
            text.Append(' ', indent).Append(Arrow);
            Wrap(text, OneLine.Clean(remedy), indent, new string(' ', Arrow.Length));
        }
    }

    private void Wrap(StringBuilder text, string line, int indent, string hanging)
    {
        int room = Math.Max(20, width - indent - hanging.Length);
        int used = 0;
        foreach (string word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (used > 0 && used + 1 + word.Length > room)
            {
                text.Append('\n').Append(' ', indent).Append(hanging);
                used = 0;
            }
            else if (used > 0)
            {
                text.Append(' ');
                used++;
            }

            text.Append(word);
            used += word.Length;
        }

        text.Append('\n');
    }

    private string Painted(string code, string text) => colour ? code + text + Reset : text;

    private static string Colour(FindingState state) => state switch
    {
        FindingState.Works => "\e[32m",
        FindingState.Missing => "\e[31m",
        FindingState.Limited => "\e[33m",
        _ => "\e[36m",
    };
}
