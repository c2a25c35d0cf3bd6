using System.Globalization;
using System.Reflection;
using System.Text;
using SplitVmm.Harness;
using SplitVmm.VmmCore.Kvm;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Kvm;

/// <summary>Request numbers, capabilities and exit reasons, each under its own name, against the kernel's header.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class KernelConstantTests
{
    [Fact]
    public void Constants_AreThoseOfTheKernelsHeader()
    {
        var source = new StringBuilder("#include <linux/kvm.h>\n");
        foreach (FieldInfo constant in typeof(KvmIoctl).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            Expect(source, constant.Name, (uint)constant.GetRawConstantValue()!);
        }

        foreach (KvmCapability capability in Enum.GetValues<KvmCapability>())
        {
            Expect(source, capability.ToString(), (uint)capability);
        }

        foreach (KvmExitReason reason in Enum.GetValues<KvmExitReason>())
        {
            Expect(source, reason.ToString(), (uint)reason);
        }

        KernelHeader.Compile(source.ToString());
    }

    // Headers older than the kernel lack some; what they have must agree.
    private static void Expect(StringBuilder source, string name, uint value)
    {
        source.AppendLine(CultureInfo.InvariantCulture, $"#ifdef {name}\n_Static_assert((unsigned){name} == {value}u, \"{name}\");\n#endif");
    }
}
