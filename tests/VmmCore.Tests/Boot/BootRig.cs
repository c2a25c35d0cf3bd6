using SplitVmm.VmmCore.Boot;
using SplitVmm.VmmCore.Memory;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Boot;

/// <summary>A kernel file, RAM, and the loader between them.</summary>
internal sealed class BootRig : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public BootRig(byte[] kernel, ulong memory = 64 << 20, byte[]? initrd = null, string commandLine = "")
    {
        Assert.True(AddressMap.TryCreate(memory, 40, out AddressMap? map));
        Map = map;
        Ram = Own(new GuestRam(map));
        KernelPath = Own(new TemporaryFile(kernel)).Path;
        Kernel = Own(KernelImage.Open(KernelPath));
        InitrdPath = initrd is null ? null : Own(new TemporaryFile(initrd)).Path;
        BootFile? initrdFile = InitrdPath is null ? null : Own(BootFile.Open(InitrdPath));
        Loader = new BootLoader(new BootRequest(Kernel, initrdFile, commandLine), map, AcpiBytes);
    }

    public static byte[] AcpiBytes { get; } = [1, 2, 3, 4];

    public AddressMap Map { get; }

    public GuestRam Ram { get; }

    public KernelImage Kernel { get; }

    public string KernelPath { get; }

    public string? InitrdPath { get; }

    public BootLoader Loader { get; }

    public ulong U64(ulong address) => BitConverter.ToUInt64(Bytes(address, 8));

    public uint U32(ulong address) => BitConverter.ToUInt32(Bytes(address, 4));

    public byte[] Bytes(ulong address, int length)
    {
        Assert.True(Ram.TrySlice(address, (ulong)length, out Span<byte> bytes));
        return bytes.ToArray();
    }

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }
    }

    /// <summary>The message with which opening or loading a kernel is refused.</summary>
    public static string Refusal(byte[] kernel, ulong memory = 64 << 20, byte[]? initrd = null, string commandLine = "")
    {
        return Assert.Throws<BootException>(() =>
        {
            using var rig = new BootRig(kernel, memory, initrd, commandLine);
            rig.Loader.Load(rig.Ram);
        }).Message;
    }

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
