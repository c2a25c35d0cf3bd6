using System.Diagnostics;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using SplitVmm.Harness;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Sessions;
using Xunit;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Tests.Native.Sessions;

/// <summary>
/// What real guests asked, recorded (docs/testing.md), and what a guest may make of it: nothing is thrown, the device sees nothing
/// unchecked, every command is reported and every fence retires, and nothing is left.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class NativeSessionTests
{
    /// <summary>Cases between two looks at what this process has open.</summary>
    private const int CasesAtOnce = 100;

    [Theory]
    [InlineData("asahi")]
    [InlineData("msm")]
    [InlineData("amdgpu")]
    [InlineData("i915")]
    public void Session_AsRecorded_IsCarriedOut(string driver)
    {
        using var player = new SessionPlayer(NativeSeeds.Device(driver));

        player.Play(NativeSeeds.Recorded(driver));

        Assert.Null(player.LastRefusal);
        Assert.Equal(0, player.Statistics.Refused);
        Assert.True(player.Statistics.Commands > 20, $"{player.Statistics.Commands} commands");
    }

    [Theory]
    [InlineData("asahi")]
    [InlineData("msm")]
    [InlineData("amdgpu")]
    [InlineData("i915")]
    public void Session_Changed_IsAnsweredAndLeavesNothing(string driver)
    {
        SessionEvent[][] sessions = NativeSeeds.Sessions(driver);
        var all = new Totals();
        // Once, so that what the runtime opens for itself is not taken for something left.
        all.Play(driver, sessions, new SessionCase(0, 1000, [], 0, Completion.AtOnce, false));
        Holdings before = Holdings.OfThisProcess();
        long began = Stopwatch.GetTimestamp();
        for (ulong turn = 0; all.Commands < NativeFuzzBudget.Commands; turn++)
        {
            Config config = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(CasesAtOnce).WithReplay(((ulong)NativeFuzzBudget.Seed << 32) + turn, 1);
            Prop.ForAll(SessionCase.Arbitrary(sessions.Length), one => all.Play(driver, sessions, one)).Check(config);
            before.AssertNoMore();
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        // It was no wall of errors.
        Assert.True(all.Refused < all.Commands * 9 / 10, $"{all.Refused} of {all.Commands} refused");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"METRIC {driver} sessions fuzzed: {all.Cases} sessions, {all.Changes} changes, {all.Commands} commands, {all.Refused} refused, {seconds:F1} s"));
    }

    private sealed class Totals
    {
        public long Cases { get; private set; }

        public long Changes { get; private set; }

        public long Commands { get; private set; }

        public long Refused { get; private set; }

        public void Play(string driver, SessionEvent[][] sessions, SessionCase one)
        {
            SessionEvent[] session = sessions[one.Session];
            SoftwareDrmDevice device = NativeSeeds.Device(driver);
            using var player = new SessionPlayer(device);
            device.Completion = one.Work;
            device.WorkError = one.WorkFails ? EIO : 0;
            int calls = 0;
            device.Fails = one.FailsEach == 0 ? null : _ => ++calls % one.FailsEach != 0 ? 0 : calls % 2 == 0 ? EINVAL : ENOMEM;
            player.Play(SessionMutator.Apply(session.Take(session.Length * one.Length / 1000), one.Changes));
            Cases++;
            Changes += one.Changes.Length;
            Commands += player.Statistics.Commands;
            Refused += player.Statistics.Refused;
        }
    }
}
