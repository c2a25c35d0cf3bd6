using FsCheck;
using FsCheck.Fluent;
using SplitVmm.SoftwareDrm;

namespace SplitVmm.GpuProcess.Tests.Native.Sessions;

/// <summary>A part of a recorded session, changed, on a device that may be in trouble.</summary>
/// <param name="Session">Which one.</param>
/// <param name="Length">How much of the session is played, in thousandths.</param>
/// <param name="FailsEach">Every so many ioctls one fails; 0: none.</param>
/// <param name="Work">When submissions complete.</param>
/// <param name="WorkFails">Submissions fail.</param>
internal sealed record SessionCase(int Session, int Length, SessionChange[] Changes, int FailsEach, Completion Work, bool WorkFails)
{
    private const int LastKind = (int)SessionChangeKind.Flags;

    /// <summary>Cases, and the simpler ones that FsCheck tries in place of one that fails.</summary>
    /// <param name="sessions">How many there are.</param>
    public static Arbitrary<SessionCase> Arbitrary(int sessions)
    {
        Gen<SessionChange> change =
            from kind in Gen.Frequency((4, Gen.Choose(0, (int)SessionChangeKind.WordOfAnother)), (3, Gen.Choose(0, LastKind)))
            from at in Gen.Choose(0, int.MaxValue - 1)
            from place in Gen.Choose(0, int.MaxValue - 1)
            from value in Gen.Choose(int.MinValue, int.MaxValue - 1)
            select new SessionChange((SessionChangeKind)kind, at, place, (uint)value);
        Gen<SessionCase> whole =
            from session in Gen.Choose(0, sessions - 1)
            from length in Gen.Frequency((1, Gen.Constant(1000)), (1, Gen.Choose(0, 1000)))
            from changes in Gen.ArrayOf(change)
            from fails in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 200)))
            from work in Gen.Choose(0, (int)Completion.ByHand)
            from workFails in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
            select new SessionCase(session, length, changes, fails, (Completion)work, workFails);
        return Arb.From(whole, Simpler);
    }

    public override string ToString() =>
        $"Session {Session}, Length {Length}, FailsEach {FailsEach}, Work {Work}, WorkFails {WorkFails}, Changes [{string.Join(", ", Changes)}]";

    private static IEnumerable<SessionCase> Simpler(SessionCase failing)
    {
        if (failing.FailsEach != 0)
        {
            yield return failing with { FailsEach = 0 };
        }

        for (int part = failing.Changes.Length / 2; part > 0; part /= 2)
        {
            for (int at = 0; at + part <= failing.Changes.Length; at += part)
            {
                yield return failing with { Changes = [.. failing.Changes[..at], .. failing.Changes[(at + part)..]] };
            }
        }

        if (failing.Length > 0)
        {
            yield return failing with { Length = failing.Length / 2 };
            yield return failing with { Length = failing.Length - 1 };
        }
    }
}
