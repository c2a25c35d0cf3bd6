using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Sandbox.Tests;

[Trait("Tier", Tiers.Unit)]
public sealed class CagePlanTests
{
    [Fact]
    public void FromBytes_OfToBytes_IsTheSame()
    {
        var plan = new CagePlan
        {
            Limits = [new ResourceLimit(ResourceLimit.RLIMIT_NOFILE, 12)],
            Files = [new FileGrant("/usr", FileUse.Read), new FileGrant("/dev/kvm", FileUse.Device)],
            RefuseExecutableMemory = true,
            StartFilter = [1, 2, 3, 4, 5, 6, 7, 8],
            ServeFilter = [9, 8, 7, 6, 5, 4, 3, 2],
            AllowedCalls = 44,
        };
        CagePlan read = CagePlan.FromBytes(plan.ToBytes());
        Assert.Equal(plan.Limits, read.Limits);
        Assert.Equal(plan.Files, read.Files);
        Assert.Equal(plan.StartFilter, read.StartFilter);
        Assert.Equal(plan.ServeFilter, read.ServeFilter);
        Assert.Equal((plan.RefuseExecutableMemory, plan.AllowedCalls), (read.RefuseExecutableMemory, read.AllowedCalls));
    }

    [Fact]
    public void FromBytes_CutShort_IsRefused()
    {
        byte[] bytes = new CagePlan { Files = [new FileGrant("/usr", FileUse.Read)] }.ToBytes();
        for (int length = 0; length < 24; length++)
        {
            Assert.Throws<InvalidDataException>(() => CagePlan.FromBytes(bytes[..length]));
        }
    }

    [Fact]
    public void FromBytes_OtherVersion_IsRefused()
    {
        byte[] bytes = new CagePlan().ToBytes();
        bytes[4]++;
        Assert.Throws<InvalidDataException>(() => CagePlan.FromBytes(bytes));
    }
}
