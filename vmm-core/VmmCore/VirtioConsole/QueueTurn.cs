namespace SplitVmm.VmmCore.VirtioConsole;

/// <summary>How a turn at a queue ended.</summary>
internal enum QueueTurn
{
    /// <summary>Nothing is left, or it is left on purpose: a kick or the other side says when to go on.</summary>
    Done,

    /// <summary>The turn was long enough; no kick will come for the rest.</summary>
    More,

    /// <summary>The driver broke the queue. Said once: later turns find nothing to do.</summary>
    Broken,
}
