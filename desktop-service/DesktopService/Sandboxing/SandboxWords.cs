using System.Globalization;
using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.DesktopService.Text;

namespace SplitVmm.DesktopService.Sandboxing;

/// <summary>What the user is told of the sandbox: what is in force for each process, and loudly what is not.</summary>
/// <param name="cages">Null: the user switched it off.</param>
internal sealed class SandboxWords(CageSet? cages)
{
    private const string Off =
        "THE SANDBOX IS OFF (--sandbox=off): a guest that takes over gpu-process has all that this user has; for debugging only";

    /// <summary>What the processes have reported, in one line, and what this host lacks, in one line each.</summary>
    public List<string> Describe(IEnumerable<SupervisedProcess> processes)
    {
        if (cages is null)
        {
            return [Off];
        }

        SupervisedProcess[] all = [.. processes];
        string summary = "sandbox: " + string.Join("; ", all.Select(process => $"{process.Name}: {Layers(process.Sandbox)}"));
        IEnumerable<string> kernel = all.SelectMany(process => process.Sandbox?.Missing ?? []).Distinct();
        return [summary, .. cages.Missing.Concat(kernel).Select(line => "sandbox: missing: " + OneLine.Clean(line))];
    }

    private string Layers(SandboxReport? report)
    {
        var layers = new List<string>();
        if (cages!.HasNamespaces)
        {
            layers.Add("namespaces");
        }

        if (report is null)
        {
            // A stand-in, or a process of another build.
            return string.Join(", ", [.. layers, "nothing reported"]);
        }

        if (report.SystemCalls > 0)
        {
            layers.Add(string.Create(CultureInfo.InvariantCulture, $"{report.SystemCalls} system calls"));
        }

        if (report.LandlockAbi > 0)
        {
            layers.Add(string.Create(CultureInfo.InvariantCulture, $"Landlock {report.LandlockAbi}"));
        }

        if (report.RefusesExecutableMemory)
        {
            layers.Add("no new code");
        }

        return layers.Count > 0 ? string.Join(", ", layers) : "nothing";
    }
}
