namespace SplitVmm.GpuProcess.Edid;

/// <summary>The rule by which EDID and DisplayID end their blocks: all bytes together are zero modulo 256.</summary>
internal static class EdidChecksum
{
    /// <summary>Sets the last byte of <paramref name="block"/> so that the rule holds.</summary>
    public static void Seal(Span<byte> block)
    {
        int sum = 0;
        foreach (byte value in block[..^1])
        {
            sum += value;
        }

        block[^1] = (byte)-sum;
    }
}
