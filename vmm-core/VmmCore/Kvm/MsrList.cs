using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Kvm;

/// <summary>Reads and writes many model-specific registers (KVM_GET_MSRS, KVM_SET_MSRS).</summary>
internal static unsafe class MsrList
{
    public const uint IA32_TSC = 0x10;
    public const uint IA32_MISC_ENABLE = 0x1A0;
    public const uint IA32_MTRR_DEF_TYPE = 0x2FF;

    // Linux refuses more at once (MAX_IO_MSRS).
    private const int Batch = 255;

    /// <summary>The values of those of <paramref name="indices"/> that this vCPU has.</summary>
    public static KvmMsrEntry[] Read(KvmVcpu vcpu, ReadOnlySpan<uint> indices)
    {
        var entries = new List<KvmMsrEntry>(indices.Length);
        foreach (uint index in indices)
        {
            entries.Add(new KvmMsrEntry { Index = index });
        }

        var present = new List<KvmMsrEntry>(indices.Length);
        ForEachRun(vcpu, entries.ToArray(), KvmIoctl.KVM_GET_MSRS, "ioctl(KVM_GET_MSRS)", present);
        return [.. present];
    }

    /// <summary>Sets the registers; those that KVM refuses for this vCPU are passed over.</summary>
    /// <returns>How many were set.</returns>
    public static int Write(KvmVcpu vcpu, KvmMsrEntry[] entries) =>
        ForEachRun(vcpu, entries, KvmIoctl.KVM_SET_MSRS, "ioctl(KVM_SET_MSRS)", null);

    // KVM stops at the first register it refuses and returns how many it did: the next call starts behind it.
    private static int ForEachRun(KvmVcpu vcpu, KvmMsrEntry[] entries, uint request, string name, List<KvmMsrEntry>? done)
    {
        var buffer = new byte[8 + (Batch * sizeof(KvmMsrEntry))];
        int total = 0;
        int at = 0;
        fixed (byte* start = buffer)
        {
            // The buffer holds the header and at most Batch entries.
            var room = new Span<KvmMsrEntry>(start + 8, Batch);
            while (at < entries.Length)
            {
                int count = Math.Min(Batch, entries.Length - at);
                *(ulong*)start = (uint)count;
                entries.AsSpan(at, count).CopyTo(room);
                int handled = vcpu.Call(request, start, name);
                done?.AddRange(room[..handled]);
                total += handled;
                at += handled < count ? handled + 1 : handled;
            }
        }

        return total;
    }
}
