using System.Diagnostics;
using System.Globalization;
using SplitVmm.Harness;

namespace SplitVmm.Microguest.Tests.Hostile;

/// <summary>
/// Programs in which gpu-process is tests/HostileGpu: its lives are in turn the real program's and one attack each.
/// </summary>
internal sealed class HostileGpu : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly ReplacedGpu _programs = new(Program);

    private static string Program => SourceTree.Path("out", "dist", "test", "hostile-gpu");

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["SPLITVMM_LIBEXEC"] = _programs.Folder,
        ["HOSTILE_GPU_REAL"] = SourceTree.Executable("gpu-process"),
        ["HOSTILE_GPU_LIVES"] = Counter,
    };

    private string Counter => Path.Combine(_programs.Folder, "lives");

    /// <summary>How many lives have begun.</summary>
    public int Lives => File.Exists(Counter) && File.ReadAllText(Counter) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 0;

    /// <summary>The attacks, in the order of the lives.</summary>
    public static string[] Attacks() =>
        ChildProgram.Run(Program, ["--list"], s_limit).StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The next life is the one that makes this attack.</summary>
    public void Prepare(int attack) => File.WriteAllText(Counter, ((attack * 2) + 1).ToString(CultureInfo.InvariantCulture));

    /// <param name="progress">What has been heard so far, for the report of a failure.</param>
    public void WaitForLife(int life, Func<string> progress)
    {
        var clock = Stopwatch.StartNew();
        while (Lives < life)
        {
            if (clock.Elapsed > s_limit)
            {
                throw new TimeoutException($"life {life} of gpu-process did not begin ({Lives} have): {progress()}");
            }

            Thread.Sleep(5);
        }
    }

    public void Dispose() => _programs.Dispose();
}
