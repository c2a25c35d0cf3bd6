using SplitVmm.GpuProcess.Blobs;
using SplitVmm.Harness;
using SplitVmm.SoftwareDrm;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>
/// The budgets of commands of native contexts, in managed memory: nothing, but for what stays. A descriptor or a mapping is an object
/// of .NET while it is there, and so is what is known of a GEM object.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class NativeAllocationTests
{
    private const int Rounds = 200;
    private const uint Blob = 7;

    // Of SafeHandles with a number, and with a number and a length, in .NET 10.
    private const int BytesOfDescriptor = 32;
    private const int BytesOfMapping = 40;

    /// <summary>The object in its table, the resource, and the list of the contexts that have it.</summary>
    private const int BytesOfObject = 512;

    [Theory]
    // Nothing, parameters, the time, a binding.
    [InlineData("asahi", new[] { 0, 1, 4, 6 })]
    // Nothing, a parameter, whether the object is idle, whether a fence is complete, faults.
    [InlineData("msm", new[] { 0, 1, 7, 8, 9 })]
    // Queries, a place, what the object is, clocks, whether a submission is complete.
    [InlineData("amdgpu", new[] { 0, 1, 4, 7, 9, 11 })]
    // A parameter, a query, parameters of a context, the mode of a mapping, tiling, domains, whether the object is busy, resets, a register.
    [InlineData("i915", new[] { 0, 1, 5, 8, 9, 10, 12, 13, 14 })]
    public void Commands_ThatMakeNothing_AllocateNothing(string driver, int[] commands)
    {
        using var meter = new Meter(driver);
        foreach (int command in commands)
        {
            Assert.Equal((command, 0), (command, meter.BytesOf(command, Completion.AtOnce)));
        }

        Assert.Equal(0, meter.Refused);
    }

    /// <summary>What describes a descriptor and a mapping while they are there, and nothing else: not waiting for the work either.</summary>
    [Theory]
    // A submission that reads and writes one shared object: its sync file, the object as a dma-buf, and what that has to wait for.
    [InlineData("asahi", 8, 3, 0)]
    [InlineData("msm", 6, 1, 0)]
    [InlineData("amdgpu", 10, 1, 0)]
    [InlineData("i915", 11, 1, 0)]
    // An upload.
    [InlineData("msm", 5, 1, 1)]
    public void Submissions_AllocateTheirDescriptorsAlone(string driver, int command, int descriptors, int mappings)
    {
        using var meter = new Meter(driver);
        int budget = (descriptors * BytesOfDescriptor) + (mappings * BytesOfMapping);
        Assert.InRange(meter.BytesOf(command, Completion.AtOnce), 1, budget);
        Assert.InRange(meter.BytesOf(command, Completion.ByHand), 1, budget);
        Assert.Equal(0, meter.Refused);
    }

    [Theory]
    [InlineData("asahi", 5)]
    [InlineData("msm", 3)]
    [InlineData("amdgpu", 3)]
    [InlineData("i915", 7)]
    public void Objects_AllocateWhatIsKnownOfThem(string driver, int command)
    {
        using var meter = new Meter(driver);
        Assert.InRange(meter.BytesOfObject(command), 1, BytesOfObject);
        Assert.Equal(0, meter.Refused);
    }

    private sealed class Meter : IDisposable
    {
        private readonly NativeRig _rig;
        private readonly AllocationMeter _meter;
        private readonly byte[][] _session;
        private readonly long _refused;

        public Meter(string driver)
        {
            AllocationMeter? meter = null;
            _rig = new NativeRig(NativeSeeds.Device(driver), between: device => meter = new AllocationMeter(device));
            _meter = meter!;
            _rig.CreateContext(1);
            _session = NativeSeeds.Session(driver, 1, Blob);
            foreach (byte[] command in _session[..^2])
            {
                _ = _rig.Submit(1, command);
                _ = _rig.CreateBlob(1, Blob, Blob, driver == "asahi" ? 1UL << 14 : 4096, NativeRig.Shared, out BlobResource? _);
            }

            _ = _rig.TakeFences();
            _refused = _rig.Renderer.Statistics.Refused;
        }

        /// <summary>Commands that were refused since the session.</summary>
        public long Refused => _rig.Renderer.Statistics.Refused - _refused;

        /// <summary>Bytes for each time that a command of the session is sent and its work, if any, completed.</summary>
        public int BytesOf(int command, Completion completion)
        {
            _rig.Device.Completion = completion;
            return Average(() =>
            {
                _ = _rig.Submit(1, _session[command]);
                _rig.Device.CompleteAll();
                _rig.Renderer.Poll();
            });
        }

        /// <summary>The same for an object that is made by a command, becomes a resource and ends.</summary>
        public int BytesOfObject(int command)
        {
            ulong size = _rig.Resources.First(resource => resource.Id == Blob).Size;
            _rig.DestroyResource(_rig.Resources.First(resource => resource.Id == Blob));
            return Average(() =>
            {
                _ = _rig.Submit(1, _session[command]);
                _ = _rig.CreateBlob(1, Blob, Blob, size, NativeRig.Shared, out BlobResource? made);
                _rig.DestroyResource(made!);
            });
        }

        public void Dispose() => _rig.Dispose();

        private int Average(Action once)
        {
            Repeat(once);
            long before = _meter.Outside;
            Repeat(once);
            // Rounded up: a single byte in all rounds together is one too many.
            return (int)((_meter.Outside - before + Rounds - 1) / Rounds);
        }

        private static void Repeat(Action once)
        {
            for (int i = 0; i < Rounds; i++)
            {
                once();
            }
        }
    }
}
