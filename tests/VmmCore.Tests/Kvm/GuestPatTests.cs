using SplitVmm.Diagnosis;
using SplitVmm.Harness;
using SplitVmm.VmmCore.Kvm;
using SplitVmm.VmmCore.Kvm.Layouts;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Kvm;

[Trait("Tier", Tiers.Unit)]
public sealed class GuestPatTests
{
    [Theory]
    [InlineData(0u, false, GuestPatSupport.Honoured)]
    [InlineData(0x3FFu, false, GuestPatSupport.Honoured)]
    [InlineData(0u, true, GuestPatSupport.Ignored)]
    [InlineData(0x1FFu, true, GuestPatSupport.Ignored)]
    [InlineData(0x200u, true, GuestPatSupport.OnRequest)]
    [InlineData(0x3FFu, true, GuestPatSupport.OnRequest)]
    public void Of_QuirksAndMaker_IsWhatKvmDoes(uint quirks, bool isIntel, GuestPatSupport support) =>
        Assert.Equal(support, GuestPat.Of(quirks, isIntel));

    [Theory]
    [InlineData("GenuineIntel", true)]
    [InlineData("AuthenticAMD", false)]
    [InlineData("HygonGenuine", false)]
    public void IsIntel_ByLeafZero(string vendor, bool isIntel)
    {
        uint Word(int at) => BitConverter.ToUInt32(System.Text.Encoding.ASCII.GetBytes(vendor), at);
        var other = new KvmCpuidEntry2 { Function = 1 };
        var leaf = new KvmCpuidEntry2 { Ebx = Word(0), Edx = Word(4), Ecx = Word(8) };
        Assert.Equal(isIntel, GuestPat.IsIntel([other, leaf]));
        Assert.False(GuestPat.IsIntel([other]));
    }
}

/// <summary>What the KVM of this machine answers.</summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class GuestPatOfThisHostTests
{
    [Fact]
    public void Honour_OnThisKvm_AsksForNoMoreThanItOffers()
    {
        Needs.Kvm();
        using KvmSystem system = KvmSystem.Open();
        using KvmVm vm = system.CreateVm();
        uint quirks = (uint)system.Check(KvmCapability.KVM_CAP_DISABLE_QUIRKS2);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"METRIC KVM_CAP_DISABLE_QUIRKS2 0x{quirks:x}, guest PAT {GuestPat.Of(system)}");

        // Throws where KVM refuses.
        GuestPat.Honour(vm);
        if ((quirks & GuestPat.KVM_X86_QUIRK_IGNORE_GUEST_PAT) != 0)
        {
            vm.Enable(KvmCapability.KVM_CAP_DISABLE_QUIRKS2, GuestPat.KVM_X86_QUIRK_IGNORE_GUEST_PAT);
        }
        else
        {
            Assert.NotEqual(GuestPatSupport.OnRequest, GuestPat.Of(system));
        }
    }
}
