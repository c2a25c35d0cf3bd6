using SplitVmm.Diagnosis;
using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Kvm;

/// <summary>Whether the guest's page attribute table decides how its memory is cached, as it does on hardware.</summary>
/// <remarks>
/// KVM on Intel processors makes all of a guest's memory write-back unless the monitor switches the quirk
/// KVM_X86_QUIRK_IGNORE_GUEST_PAT off (Linux 6.16, on processors with self-snoop; Documentation/virt/kvm/api.rst,
/// KVM_CAP_DISABLE_QUIRKS2). On other processors the guest decides anyway. It matters for a host-visible window: memory
/// of a GPU is write-combined for the host, and the guest has to map it in the same way.
/// </remarks>
internal static class GuestPat
{
    public const ulong KVM_X86_QUIRK_IGNORE_GUEST_PAT = 1 << 9;

    /// <param name="quirks">What KVM_CAP_DISABLE_QUIRKS2 offers to switch off.</param>
    /// <param name="isIntel">The host's processor is of Intel.</param>
    public static GuestPatSupport Of(ulong quirks, bool isIntel) => !isIntel ? GuestPatSupport.Honoured
        : (quirks & KVM_X86_QUIRK_IGNORE_GUEST_PAT) != 0 ? GuestPatSupport.OnRequest
        : GuestPatSupport.Ignored;

    /// <summary>What this host's KVM does.</summary>
    public static GuestPatSupport Of(KvmSystem system) =>
        Of((uint)system.Check(KvmCapability.KVM_CAP_DISABLE_QUIRKS2), IsIntel(system.GetSupportedCpuid()));

    /// <summary>Lets the guest decide, where that can be had and is not so anyway. Before the first vCPU runs.</summary>
    /// <exception cref="Platform.Errors.ErrnoException">KVM offers it and refuses it.</exception>
    public static void Honour(KvmVm vm)
    {
        if (Of(vm.System) == GuestPatSupport.OnRequest)
        {
            vm.Enable(KvmCapability.KVM_CAP_DISABLE_QUIRKS2, KVM_X86_QUIRK_IGNORE_GUEST_PAT);
        }
    }

    /// <summary>Leaf 0 of CPUID spells <c>GenuineIntel</c>.</summary>
    internal static bool IsIntel(ReadOnlySpan<KvmCpuidEntry2> cpuid)
    {
        foreach (ref readonly KvmCpuidEntry2 leaf in cpuid)
        {
            if (leaf.Function == 0)
            {
                return (leaf.Ebx, leaf.Edx, leaf.Ecx) == (0x756E_6547, 0x4965_6E69, 0x6C65_746E);
            }
        }

        return false;
    }
}
