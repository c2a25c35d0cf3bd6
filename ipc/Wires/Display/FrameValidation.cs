using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Display;

/// <summary>Checks a frame against the scanout that it is for.</summary>
internal static class FrameValidation
{
    private const string Message = "frame";

    /// <param name="scanout">Null: the frame names a scanout that cannot exist.</param>
    public static WireError? Check(in Frame frame, ReadOnlySpan<DamageRectangle> damage, FramesInFlight? scanout)
    {
        if (scanout is null || !scanout.IsSet)
        {
            return DisplayValidation.Error(Message, "scanout", $"{frame.Scanout} is not set");
        }

        if (frame.Generation != scanout.Generation)
        {
            return DisplayValidation.Error(Message, "generation", $"{frame.Generation} where {scanout.Generation} is current");
        }

        if (!scanout.IsPresent(frame.Buffer))
        {
            return DisplayValidation.Error(Message, "buffer", $"{frame.Buffer} is none of the scanout's");
        }

        if (scanout.IsBusy(frame.Buffer))
        {
            return DisplayValidation.Error(Message, "buffer", $"{frame.Buffer} still awaits its frame done");
        }

        if (damage.Length is < 1 or > DisplayProtocol.MaxDamageRectangles || damage.Length != frame.DamageCount)
        {
            return DisplayValidation.Error(
                Message,
                "damage count",
                $"{frame.DamageCount}, with {damage.Length} rectangles, where 1 to {DisplayProtocol.MaxDamageRectangles} belong");
        }

        foreach (ref readonly DamageRectangle rectangle in damage)
        {
            WireError? error = DisplayValidation.Check(in rectangle, scanout.Width, scanout.Height);
            if (error is not null)
            {
                return error;
            }
        }

        return null;
    }
}
