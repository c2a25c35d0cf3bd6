using SplitVmm.Sandbox;

namespace SplitVmm.Diagnosis;

/// <summary>What the probes of all processes have in common.</summary>
public static class Probing
{
    /// <summary>The process was started to look, not to serve.</summary>
    /// <param name="what">What the process is to look at, in its own words; empty: everything that it knows.</param>
    public static bool IsAsked(string[] arguments, out string what)
    {
        bool asked = arguments.Length > 0 && arguments[0] == ProbeReport.Option;
        what = asked && arguments.Length > 1 ? arguments[1] : "";
        return asked;
    }

    /// <summary>Tells what was found; then closes the cage, as the process would before it serves, and tells what is in force.</summary>
    /// <returns>The exit status: 0, whatever was found.</returns>
    public static int Finish(ProbeReport found, ProcessSandbox sandbox)
    {
        Console.Out.Write(found.ToString());
        Console.Out.Flush();
        ProbeReport closed = new();
        try
        {
            closed.Add(sandbox.LockDown());
        }
        catch (IOException error)
        {
            closed.Add(ProbeFact.SandboxMissing, $"the sandbox cannot be closed: {error.Message}");
        }

        Console.Out.Write(closed.ToString());
        Console.Out.Flush();
        return 0;
    }
}
