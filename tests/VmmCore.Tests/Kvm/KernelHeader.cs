using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Kvm;

/// <summary>Asks the kernel's own headers, by compiling assertions with gcc.</summary>
internal static class KernelHeader
{
    /// <summary>Fails with the compiler's messages if an assertion of <paramref name="source"/> does not hold.</summary>
    public static void Compile(string source)
    {
        string gcc = Needs.Program("gcc", "gcc");
        if (!File.Exists("/usr/include/linux/kvm.h"))
        {
            Assert.Skip("no linux/kvm.h (Debian package linux-libc-dev)");
        }

        string file = Path.Combine(Path.GetTempPath(), $"splitvmm-{Guid.NewGuid():N}.c");
        File.WriteAllText(file, source);
        try
        {
            RunResult result = ChildProgram.Run(gcc, ["-fsyntax-only", "-Wall", "-Werror", file], TimeSpan.FromMinutes(1));
            Assert.True(result.ExitStatus == 0, result.StandardError);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
