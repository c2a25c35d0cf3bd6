using SplitVmm.Harness;
using SplitVmm.VmmCore.Kvm;
using SplitVmm.VmmCore.Kvm.Layouts;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Kvm;

[Trait("Tier", Tiers.Unit)]
public sealed class GuestCpuidTests
{
    private const uint VMX = 1u << 5;
    private const uint TSC_DEADLINE = 1u << 24;
    private const uint HYPERVISOR = 1u << 31;
    private const uint HTT = 1u << 28;
    private const uint SVM = 1u << 2;
    private const uint RDRAND = 1u << 30;

    private static readonly KvmCpuidEntry2[] s_intel =
    [
        new() { Function = 0, Eax = 0x1F, Ebx = 0x756E_6547, Ecx = 0x6C65_746E, Edx = 0x4965_6E69 },
        new() { Function = 1, Eax = 0x906EA, Ebx = 0x0710_0800, Ecx = VMX | RDRAND, Edx = 0x0F8B_FBFF },
        Cache(4, 0, (3u << 26) | (1u << 14) | 0x121),
        Cache(4, 1, (3u << 26) | (1u << 14) | 0x122),
        Cache(4, 2, (3u << 26) | (1u << 14) | 0x143),
        Cache(4, 3, (3u << 26) | (7u << 14) | 0x163),
        Cache(4, 4, 0),
        new() { Function = 7, Ebx = 0xFFFF_FFFF, Ecx = 0xFFFF_FFFF },
        Cache(0xB, 0, 0x77),
        Cache(0x1F, 0, 0x77),
        new() { Function = 0x4000_0000, Eax = 0x4000_0001, Ebx = 0x4B4D_564B, Ecx = 0x564B_4D56, Edx = 0x4D },
        new() { Function = 0x4000_0001, Eax = 0x0100_7EFB },
        new() { Function = 0x8000_0001, Ecx = SVM | 0x121 },
        new() { Function = 0x8000_0008, Eax = 0x0030_3027 },
    ];

    private static readonly KvmCpuidEntry2[] s_amd =
    [
        new() { Function = 0, Eax = 0x10, Ebx = 0x6874_7541, Ecx = 0x444D_4163, Edx = 0x6974_6E65 },
        new() { Function = 1, Ebx = 0x0010_0800, Edx = HTT },
        new() { Function = 0x8000_0001, Ecx = SVM | 2 },
        new() { Function = 0x8000_0008, Eax = 0x3030, Ecx = 0x700F },
        Cache(0x8000_001D, 0, (1u << 14) | 0x121),
        Cache(0x8000_001D, 3, (15u << 14) | 0x163),
        new() { Function = 0x8000_001E, Eax = 77, Ebx = 0x0107, Ecx = 0x0303 },
        Cache(0x8000_0026, 0, 1),
    ];

    [Fact]
    public void Build_EveryVcpu_HasItsOwnApicIdentity()
    {
        for (int vcpu = 0; vcpu < 4; vcpu++)
        {
            KvmCpuidEntry2[] cpuid = GuestCpuid.Build(s_intel, vcpu, 4, 2_000_000, tscDeadline: true);

            Assert.Equal((uint)vcpu, Leaf(cpuid, 1).Ebx >> 24);
            Assert.Equal((uint)vcpu, Leaf(cpuid, 0xB, 0).Edx);
            Assert.Equal((uint)vcpu, Leaf(cpuid, 0xB, 1).Edx);
        }
    }

    [Fact]
    public void Build_HidesNestedVirtualisationAndSgx_KeepsTheRest()
    {
        KvmCpuidEntry2[] cpuid = GuestCpuid.Build(s_intel, 0, 1, 2_000_000, tscDeadline: true);

        Assert.Equal(RDRAND | HYPERVISOR | TSC_DEADLINE, Leaf(cpuid, 1).Ecx);
        Assert.Equal(0x121u, Leaf(cpuid, 0x8000_0001).Ecx);
        Assert.Equal(~(1u << 2), Leaf(cpuid, 7).Ebx);
        Assert.Equal(~(1u << 30), Leaf(cpuid, 7).Ecx);
    }

    [Fact]
    public void Build_WithoutTscDeadlineInKvm_DoesNotPromiseIt() =>
        Assert.Equal(0u, Leaf(GuestCpuid.Build(s_intel, 0, 1, 2_000_000, tscDeadline: false), 1).Ecx & TSC_DEADLINE);

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(3, 2, 4)]
    [InlineData(4, 2, 4)]
    [InlineData(5, 3, 8)]
    [InlineData(255, 8, 255)]
    public void Build_Topology_IsOnePackageOfSingleThreadedCores(int vcpus, uint idBits, uint logical)
    {
        KvmCpuidEntry2[] cpuid = GuestCpuid.Build(s_intel, 0, vcpus, 2_000_000, tscDeadline: true);

        Assert.Equal(logical, (Leaf(cpuid, 1).Ebx >> 16) & 0xFF);
        Assert.Equal(vcpus > 1, (Leaf(cpuid, 1).Edx & HTT) != 0);
        foreach (uint function in (uint[])[0xB, 0x1F])
        {
            Assert.Equal((0u, 1u, 0x100u), Shape(Leaf(cpuid, function, 0)));
            Assert.Equal((idBits, (uint)vcpus, 0x201u), Shape(Leaf(cpuid, function, 1)));
            Assert.Equal((0u, 0u, 2u), Shape(Leaf(cpuid, function, 2)));
        }
    }

    [Fact]
    public void Build_Caches_FirstTwoLevelsPrivateThirdShared()
    {
        KvmCpuidEntry2[] cpuid = GuestCpuid.Build(s_intel, 0, 4, 2_000_000, tscDeadline: true);

        Assert.Equal((3u << 26) | 0x121, Leaf(cpuid, 4, 0).Eax);
        Assert.Equal((3u << 26) | 0x143, Leaf(cpuid, 4, 2).Eax);
        Assert.Equal((3u << 26) | (3u << 14) | 0x163, Leaf(cpuid, 4, 3).Eax);
        Assert.Equal(0u, Leaf(cpuid, 4, 4).Eax);
    }

    [Fact]
    public void Build_Amd_HasItsOwnTopologyLeaves()
    {
        KvmCpuidEntry2[] cpuid = GuestCpuid.Build(s_amd, 2, 4, 2_000_000, tscDeadline: true);

        Assert.Equal(2u, Leaf(cpuid, 0x8000_0001).Ecx);
        Assert.Equal(3u | (2u << 12), Leaf(cpuid, 0x8000_0008).Ecx);
        Assert.Equal(0x121u, Leaf(cpuid, 0x8000_001D, 0).Eax);
        Assert.Equal((3u << 14) | 0x163, Leaf(cpuid, 0x8000_001D, 3).Eax);
        Assert.Equal((2u, 2u, 0u), (Leaf(cpuid, 0x8000_001E).Eax, Leaf(cpuid, 0x8000_001E).Ebx, Leaf(cpuid, 0x8000_001E).Ecx));
        Assert.DoesNotContain(cpuid, entry => entry.Function == 0x8000_0026);
    }

    [Fact]
    public void Build_TimingLeaf_TellsFrequencies()
    {
        KvmCpuidEntry2[] cpuid = GuestCpuid.Build(s_intel, 0, 1, 2_596_122, tscDeadline: true);

        Assert.Equal(0x4000_0010u, Leaf(cpuid, 0x4000_0000).Eax);
        Assert.Equal((2_596_122u, 1_000_000u), (Leaf(cpuid, 0x4000_0010).Eax, Leaf(cpuid, 0x4000_0010).Ebx));
    }

    [Fact]
    public void Build_UnknownFrequency_HasNoTimingLeaf()
    {
        KvmCpuidEntry2[] cpuid = GuestCpuid.Build(s_intel, 0, 1, 0, tscDeadline: true);

        Assert.Equal(0x4000_0001u, Leaf(cpuid, 0x4000_0000).Eax);
        Assert.DoesNotContain(cpuid, entry => entry.Function == 0x4000_0010);
    }

    [Fact]
    public void PhysicalAddressBits_IsThatOfTheHost() => Assert.Equal(39, GuestCpuid.PhysicalAddressBits(s_intel));

    private static KvmCpuidEntry2 Cache(uint function, uint index, uint eax) => new()
    {
        Function = function,
        Index = index,
        Flags = KvmCpuidEntry2.KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
        Eax = eax,
    };

    private static KvmCpuidEntry2 Leaf(KvmCpuidEntry2[] cpuid, uint function, uint index = 0) =>
        Assert.Single(cpuid, entry => entry.Function == function && entry.Index == index);

    private static (uint Shift, uint Count, uint Level) Shape(KvmCpuidEntry2 entry) => (entry.Eax, entry.Ebx, entry.Ecx);
}
