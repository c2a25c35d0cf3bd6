using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Tests.Native.Sessions;
using SplitVmm.Harness;
using SplitVmm.SoftwareDrm;
using Xunit;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>
/// Guests that send rubbish made of right commands: nothing is thrown, the device sees nothing unchecked, what is taken is bounded,
/// and nothing is left.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class NativeFuzzTests
{
    private const uint Contexts = 3;

    private static readonly uint[] s_words =
    [
        0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 63, 64, 255, 4096, 0x4000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFE, 0xFFFF_FFFF,
    ];

    private static readonly NativeLimits s_limits = new()
    {
        MaxBytes = 8 << 20,
        MaxObjects = 24,
        MaxQueues = 8,
        MaxAddressSpaces = 8,
        MaxBoundObjects = 8,
        MaxExternal = 8,
        MaxSyncFiles = 64,
    };

    [Theory]
    [InlineData("asahi", 1, false)]
    [InlineData("asahi", 2, true)]
    [InlineData("msm", 3, false)]
    [InlineData("msm", 4, true)]
    [InlineData("i915", 5, false)]
    [InlineData("i915", 6, true)]
    [InlineData("amdgpu", 7, false)]
    [InlineData("amdgpu", 8, true)]
    public void Submit_MutatedCommands_AreAnsweredAndLeaveNothing(string driver, int seed, bool withFailures)
    {
        Holdings before = Holdings.OfThisProcess();
        byte[][] recorded = NativeSeeds.RecordedCommands(driver);
        var random = new Random(seed + (NativeFuzzBudget.Seed << 8));
        long began = Stopwatch.GetTimestamp();
        SoftwareDrmDevice device = NativeSeeds.Device(driver);
        using (var rig = new NativeRig(device, s_limits))
        {
            for (uint context = 1; context <= Contexts; context++)
            {
                rig.CreateContext(context);
            }

            // Once the page is there every ioctl may fail now and then.
            device.Fails = withFailures ? _ => random.Next(50) == 0 ? random.Next(2) == 0 ? EINVAL : ENOMEM : 0 : null;
            for (int i = 0; rig.Renderer.Statistics.Commands < NativeFuzzBudget.Commands; i++)
            {
                uint context = (uint)random.Next(1, (int)Contexts + 1);
                _ = rig.Submit(context, Mutated(driver, recorded, random));
                Disturb(rig, random, context);
                if (i % 64 == 0)
                {
                    device.Completion = (Completion)random.Next(3);
                    device.WorkError = random.Next(4) == 0 ? EIO : 0;
                    _ = rig.TakeFences();
                    rig.Log.Clear();
                    Assert.True(rig.Renderer.Statistics.Bytes <= s_limits.MaxBytes);
                }

                if (i % 4096 == 0)
                {
                    Assert.True(Holdings.OfThisProcess().Descriptors - before.Descriptors < 1000, "descriptors grow");
                }
            }

            Assert.Empty(device.Violations);
            // It was no wall of errors: the device has got work, of every kind.
            Assert.True(rig.Renderer.Statistics.Refused < rig.Renderer.Statistics.Commands * 9 / 10);
            Assert.True(device.Calls.Count > 8, $"{device.Calls.Count} kinds of ioctls");
            device.Fails = null;
            device.CompleteAll();
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"METRIC {driver} streams fuzzed (ioctls fail: {withFailures}): {rig.Renderer.Statistics.Commands} commands, {rig.Renderer.Statistics.Refused} refused, {seconds:F1} s"));
        }

        before.AssertNoMore();
    }

    /// <summary>What else a guest does between streams.</summary>
    private static void Disturb(NativeRig rig, Random random, uint context)
    {
        BlobResource[] made = [.. rig.Resources.Where(resource => resource.Id < 1000)];
        switch (random.Next(24))
        {
            case < 6:
                uint blob = (uint)random.Next(1, 5);
                ulong size = random.Next(8) == 0 ? (ulong)random.NextInt64() : rig.Device.Version.Name == "asahi" ? 1UL << 14 : 4096;
                if (rig.Resources.All(resource => resource.Id != blob))
                {
                    _ = rig.CreateBlob(context, blob, blob, size, NativeRig.Shared, out _);
                }

                break;
            case 6 when made.Length > 0:
                rig.Renderer.AttachToContext(context, made[random.Next(made.Length)]);
                break;
            case 7 when made.Length > 0:
                rig.Renderer.DetachFromContext(context, made[random.Next(made.Length)]);
                break;
            case 8 when made.Length > 0 && random.Next(4) == 0:
                rig.DestroyResource(made[random.Next(made.Length)]);
                break;
            case < 14:
                _ = rig.Renderer.TryCreateContextFence(new FenceTimelineId(context, (uint)random.Next(5)), (uint)random.Next());
                break;
            case 14:
                rig.Renderer.Poll();
                break;
            case 15 when random.Next(200) == 0:
                Restart(rig, context);
                break;
            default:
                break;
        }
    }

    private static void Restart(NativeRig rig, uint context)
    {
        Func<uint, int>? fails = rig.Device.Fails;
        rig.Device.Fails = null;
        rig.DestroyContext(context);
        rig.DestroyResource(rig.Resources.First(resource => resource.Id == 1000 + context));
        rig.CreateContext(context);
        rig.Device.Fails = fails;
    }

    private static byte[] Mutated(string driver, byte[][] recorded, Random random)
    {
        var stream = new List<byte>();
        for (int count = random.Next(1, 5); count > 0; count--)
        {
            byte[][] session = random.Next(8) == 0 ? recorded : NativeSeeds.Session(driver, (uint)random.Next(1, 6), (uint)random.Next(1, 5));
            byte[] command = [.. session[random.Next(session.Length)]];
            BinaryPrimitives.WriteInt32LittleEndian(command.AsSpan(12), random.Next(64) * 64);
            for (int changes = random.Next(4) == 0 ? random.Next(1, 4) : 0; changes > 0; changes--)
            {
                command = Change(command, random);
            }

            stream.AddRange(command);
        }

        return [.. stream];
    }

    private static byte[] Change(byte[] command, Random random)
    {
        int word = random.Next(command.Length / 4) * 4;
        switch (random.Next(6))
        {
            case 0:
                command[random.Next(command.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                BinaryPrimitives.WriteUInt32LittleEndian(command.AsSpan(word), s_words[random.Next(s_words.Length)]);
                break;
            case 2:
                BinaryPrimitives.WriteInt32LittleEndian(command.AsSpan(word), random.Next());
                break;
            case 3:
                // Shorter or longer, and saying so.
                byte[] other = new byte[Math.Max(16, (command.Length + random.Next(-8, 9) * 4) & ~3)];
                command.AsSpan(0, Math.Min(command.Length, other.Length)).CopyTo(other);
                BinaryPrimitives.WriteInt32LittleEndian(other.AsSpan(4), other.Length);
                return other;
            case 4:
                random.NextBytes(command.AsSpan(Math.Min(16, command.Length)));
                break;
            default:
                BinaryPrimitives.WriteInt32LittleEndian(command, random.Next(14));
                break;
        }

        return command;
    }
}
