using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Kvm;

/// <summary>
/// CPUID as the guest sees it: the host's as KVM offers it, with one package of single-threaded cores, without
/// nested virtualisation and SGX, and with the hypervisor's own leaves.
/// </summary>
internal static class GuestCpuid
{
    private const uint HypervisorBase = 0x4000_0000;
    private const uint HypervisorTiming = 0x4000_0010;

    // The local APIC timer of KVM counts nanoseconds.
    private const uint ApicBusKhz = 1_000_000;

    // "cAMD" at the end of "AuthenticAMD", "uine" in "HygonGenuine".
    private const uint AmdEcx = 0x444D_4163;
    private const uint HygonEcx = 0x656E_6975;

    /// <param name="supported">What KVM_GET_SUPPORTED_CPUID offers.</param>
    /// <param name="vcpu">This vCPU, which is also its APIC identity.</param>
    /// <param name="vcpus">How many there are.</param>
    /// <param name="tscKhz">Frequency of the guest's time-stamp counter; 0 if unknown.</param>
    /// <param name="tscDeadline">KVM can arm the APIC timer by the time-stamp counter (not part of the offer).</param>
    public static KvmCpuidEntry2[] Build(ReadOnlySpan<KvmCpuidEntry2> supported, int vcpu, int vcpus, int tscKhz, bool tscDeadline)
    {
        bool amd = Find(supported, 0) is { } vendor && vendor.Ecx is AmdEcx or HygonEcx;
        int idBits = IdentityBits(vcpus);
        var topology = new Topology(vcpu, vcpus, idBits, amd);
        var entries = new List<KvmCpuidEntry2>(supported.Length + 8);
        foreach (KvmCpuidEntry2 offered in supported)
        {
            if (!IsReplaced(offered.Function))
            {
                entries.Add(Adjust(offered, topology, tscKhz, tscDeadline));
            }
        }

        AddExtendedTopology(entries, 0xB, topology);
        if (Find(supported, 0) is { Eax: >= 0x1F })
        {
            AddExtendedTopology(entries, 0x1F, topology);
        }

        if (tscKhz > 0)
        {
            entries.Add(new KvmCpuidEntry2 { Function = HypervisorTiming, Eax = (uint)tscKhz, Ebx = ApicBusKhz });
        }

        return [.. entries];
    }

    /// <summary>How many low bits of an APIC identity tell the cores of a package of this size apart.</summary>
    public static int IdentityBits(int vcpus) => 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)(vcpus - 1));

    /// <summary>MAXPHYADDR that the guest will see.</summary>
    public static int PhysicalAddressBits(ReadOnlySpan<KvmCpuidEntry2> supported) =>
        Find(supported, 0x8000_0008) is { } sizes ? (int)(sizes.Eax & 0xFF) : 36;

    // Rebuilt (0xB, 0x1F, timing), or left out because they would describe the host (0x80000026) or SGX (0x12).
    private static bool IsReplaced(uint function) => function is 0xB or 0x12 or 0x1F or HypervisorTiming or 0x8000_0026;

    private static KvmCpuidEntry2 Adjust(KvmCpuidEntry2 entry, in Topology topology, int tscKhz, bool tscDeadline)
    {
        const uint VMX = 1u << 5;
        const uint TSC_DEADLINE = 1u << 24;
        const uint HYPERVISOR = 1u << 31;
        const uint HTT = 1u << 28;
        const uint CMP_LEGACY = 1u << 1;
        const uint SVM = 1u << 2;
        const uint SGX = 1u << 2;
        const uint SGX_LC = 1u << 30;
        uint identities = 1u << topology.IdBits;
        switch (entry.Function)
        {
            case 0:
                entry.Eax = Math.Max(entry.Eax, 0xB);
                break;
            case 1:
                entry.Ebx = (entry.Ebx & 0xFFFF) | (Math.Min(identities, 255) << 16) | ((uint)topology.Vcpu << 24);
                entry.Ecx = (entry.Ecx & ~VMX) | HYPERVISOR | (tscDeadline ? TSC_DEADLINE : 0);
                entry.Edx = topology.Vcpus > 1 ? entry.Edx | HTT : entry.Edx & ~HTT;
                break;
            case 4:
            case 0x8000_001D:
                entry.Eax = ShareCache(entry.Eax, identities, isLeaf4: entry.Function == 4);
                break;
            case 7 when entry.Index == 0:
                entry.Ebx &= ~SGX;
                entry.Ecx &= ~SGX_LC;
                break;
            case HypervisorBase when tscKhz > 0:
                entry.Eax = Math.Max(entry.Eax, HypervisorTiming);
                break;
            case 0x8000_0001:
                entry.Ecx &= ~(SVM | CMP_LEGACY);
                entry.Ecx |= topology.Amd && topology.Vcpus > 1 ? CMP_LEGACY : 0;
                break;
            case 0x8000_0008 when topology.Amd:
                entry.Ecx = (uint)(topology.Vcpus - 1) | ((uint)topology.IdBits << 12);
                break;
            case 0x8000_001E:
                // One thread in each core, one node in the package.
                entry.Eax = (uint)topology.Vcpu;
                entry.Ebx = (uint)topology.Vcpu & 0xFF;
                entry.Ecx = 0;
                break;
        }

        return entry;
    }

    // Levels 1 and 2 belong to a core, level 3 and above to the package.
    private static uint ShareCache(uint eax, uint identities, bool isLeaf4)
    {
        const uint TypeMask = 0x1F;
        if ((eax & TypeMask) == 0)
        {
            return eax;
        }

        uint level = (eax >> 5) & 7;
        uint sharing = level >= 3 ? identities - 1 : 0;
        uint cores = isLeaf4 ? Math.Min(identities - 1, 0x3F) : 0;
        return (eax & 0x3FFF) | (sharing << 14) | (cores << 26);
    }

    private static void AddExtendedTopology(List<KvmCpuidEntry2> entries, uint function, in Topology topology)
    {
        const uint SmtLevel = 1 << 8;
        const uint CoreLevel = 2 << 8;
        entries.Add(Level(function, 0, 0, 1, SmtLevel, topology.Vcpu));
        entries.Add(Level(function, 1, (uint)topology.IdBits, (uint)topology.Vcpus, CoreLevel, topology.Vcpu));
        entries.Add(Level(function, 2, 0, 0, 0, topology.Vcpu));
    }

    private static KvmCpuidEntry2 Level(uint function, uint index, uint shift, uint processors, uint type, int vcpu) => new()
    {
        Function = function,
        Index = index,
        Flags = KvmCpuidEntry2.KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
        Eax = shift,
        Ebx = processors,
        Ecx = index | type,
        Edx = (uint)vcpu,
    };

    private static KvmCpuidEntry2? Find(ReadOnlySpan<KvmCpuidEntry2> entries, uint function)
    {
        foreach (KvmCpuidEntry2 entry in entries)
        {
            if (entry.Function == function)
            {
                return entry;
            }
        }

        return null;
    }

    private readonly record struct Topology(int Vcpu, int Vcpus, int IdBits, bool Amd);
}
