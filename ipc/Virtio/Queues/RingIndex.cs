namespace SplitVmm.Virtio.Queues;

/// <summary>The 16-bit fields that device and driver share: single loads and stores, and arithmetic modulo 2^16.</summary>
internal static unsafe class RingIndex
{
    /// <summary>Loads once; what the other side wrote before the field is visible afterwards (acquire).</summary>
    public static ushort Load(byte* field) => Volatile.Read(ref *(ushort*)field);

    /// <summary>Stores once, after everything written before is visible (release).</summary>
    public static void Store(byte* field, ushort value) => Volatile.Write(ref *(ushort*)field, value);

    /// <summary><c>vring_need_event</c> (virtio 1.3 section 2.7.7): whether the step to <paramref name="now"/> passed the event.</summary>
    public static bool IsPassed(ushort wanted, ushort before, ushort now) =>
        (ushort)(now - wanted - 1) < (ushort)(now - before);
}
