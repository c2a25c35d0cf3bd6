using System.Globalization;
using System.Text;
using SplitVmm.Sandbox;

namespace SplitVmm.Diagnosis;

/// <summary>
/// What a process found out about its host when it was started with <see cref="Option"/>: lines of <c>name=value</c>
/// on standard output. Names are those of <see cref="ProbeFact"/>; a name may stand there several times.
/// </summary>
public sealed class ProbeReport
{
    /// <summary>Of vmm-core, gpu-process and display-process: look, tell and end.</summary>
    public const string Option = "--probe";

    private readonly List<KeyValuePair<string, string>> _facts = [];

    /// <summary>The first value of a name; null: the process said nothing of it.</summary>
    public string? this[string name] => All(name).FirstOrDefault();

    public IEnumerable<string> All(string name) => _facts.Where(fact => fact.Key == name).Select(fact => fact.Value);

    /// <summary>A fact that is either so or not.</summary>
    /// <returns>Null: the process said nothing of it.</returns>
    public bool? Flag(string name) => this[name] switch { "yes" => true, "no" => false, _ => null };

    public ProbeReport Add(string name, string value)
    {
        _facts.Add(new KeyValuePair<string, string>(name, value.ReplaceLineEndings(" ")));
        return this;
    }

    public ProbeReport Add(string name, bool value) => Add(name, value ? "yes" : "no");

    public ProbeReport Add(string name, long value) => Add(name, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>What the cage around the process is, as the process itself reports it once it is closed.</summary>
    /// <param name="state">Null: there is none.</param>
    public ProbeReport Add(SandboxState? state)
    {
        if (state is null)
        {
            return this;
        }

        Add(ProbeFact.SystemCalls, state.SystemCalls);
        Add(ProbeFact.Landlock, state.LandlockAbi);
        Add(ProbeFact.NoNewCode, state.RefusesExecutableMemory);
        foreach (string missing in state.Missing)
        {
            Add(ProbeFact.SandboxMissing, missing);
        }

        return this;
    }

    /// <summary>The lines, the last one ended too.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach ((string name, string value) in _facts)
        {
            text.Append(name).Append('=').Append(value).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Reads what <see cref="ToString"/> wrote. Lines that are none of it are left out.</summary>
    public static ProbeReport Parse(string text)
    {
        var report = new ProbeReport();
        foreach (string line in text.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                report.Add(line[..equals], line[(equals + 1)..]);
            }
        }

        return report;
    }
}
