namespace SplitVmm.Wires.Framing;

/// <summary>
/// A token bucket that bounds how much work a peer can cause per second. Debt is allowed for one message, so
/// that a message dearer than what is left still passes; the reader then pauses until the debt is paid.
/// </summary>
public struct ReceiveBudget
{
    private readonly int _perSecond;
    private long _milliTokens;
    private long _last;

    /// <param name="perSecond">Tokens that come back per second; also the most that can be saved up.</param>
    /// <param name="now">Milliseconds of any steady clock, also below.</param>
    public ReceiveBudget(int perSecond, long now)
    {
        _perSecond = perSecond;
        _milliTokens = perSecond * 1000L;
        _last = now;
    }

    /// <returns>Milliseconds to pause before the next message; 0: none.</returns>
    public int Take(int cost, long now)
    {
        long gained = Math.Clamp(now - _last, 0, 1000) * _perSecond;
        _last = now;
        _milliTokens = Math.Min(_milliTokens + gained, _perSecond * 1000L) - (cost * 1000L);
        return _milliTokens >= 0 ? 0 : (int)((-_milliTokens + _perSecond - 1) / _perSecond);
    }
}
