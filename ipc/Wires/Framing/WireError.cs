namespace SplitVmm.Wires.Framing;

/// <summary>
/// What a peer did wrong. A wire that met one is closed: a peer that breaks the protocol once is not trusted
/// with a second message.
/// </summary>
/// <param name="Wire">The wire, for example <c>display wire</c>.</param>
/// <param name="Message">The message, for example <c>frame</c>.</param>
/// <param name="Field">The field of it, for example <c>buffer</c>.</param>
/// <param name="Problem">What is wrong with its value, the value included.</param>
public sealed record WireError(string Wire, string Message, string Field, string Problem)
{
    public override string ToString() => $"{Wire}: {Message}.{Field}: {Problem}";
}
