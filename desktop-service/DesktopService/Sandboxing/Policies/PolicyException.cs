namespace SplitVmm.DesktopService.Sandboxing.Policies;

/// <summary>A policy cannot be used. The message is one line that names the file and the line in it.</summary>
internal sealed class PolicyException(string file, int line, string problem)
    : IOException(line > 0 ? $"{file}:{line}: {problem}" : $"{file}: {problem}");
