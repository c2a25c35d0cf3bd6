using System.Text;
using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Boot;

/// <summary>Fills cleared RAM for a boot: kernel, initrd, command line, ACPI tables, memory map. Used at every reboot.</summary>
public sealed class BootLoader
{
    private const ulong PageSize = 4096;

    private readonly BootRequest _request;
    private readonly AddressMap _map;
    private readonly byte[] _acpiTables;
    private readonly byte[] _commandLine;

    /// <param name="request">What to boot.</param>
    /// <param name="map">The address map of the machine.</param>
    /// <param name="acpiTables">Made for <see cref="AcpiStart"/>; the root pointer comes first.</param>
    /// <exception cref="BootException">The command line is too long for the kernel.</exception>
    public BootLoader(BootRequest request, AddressMap map, byte[] acpiTables)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)acpiTables.Length, BootAddresses.AcpiTablesEnd - AcpiStart);
        _request = request;
        _map = map;
        _acpiTables = acpiTables;
        _commandLine = Encoding.UTF8.GetBytes(request.CommandLine);
        if (_commandLine.Length > request.Kernel.MaximumCommandLine)
        {
            throw new BootException(
                $"the command line has {_commandLine.Length} bytes, {request.Kernel.File.Path} takes {request.Kernel.MaximumCommandLine}: shorten --append");
        }

        if (_commandLine.AsSpan().Contains((byte)0))
        {
            throw new BootException("the command line contains a zero byte: take it out of --append");
        }
    }

    /// <summary>Guest-physical address that the ACPI tables are made for.</summary>
    public static ulong AcpiStart => BootAddresses.AcpiTables;

    /// <summary>Fills RAM, which is all zero.</summary>
    /// <returns>How the first vCPU starts.</returns>
    /// <exception cref="BootException">A file is damaged, or RAM is too small.</exception>
    internal VcpuEntry Load(GuestRam ram)
    {
        ulong kernelEnd = _request.Kernel.Load(ram);
        LowMemory.Place(ram, AcpiStart, _acpiTables);
        ResetVector.Place(ram);
        ulong initrdSize = (ulong)(_request.Initrd?.Length ?? 0);
        ulong initrdStart = LoadInitrd(ram, kernelEnd, initrdSize);
        var information = new BootInformation(_commandLine, initrdStart, initrdSize, AcpiStart, MemoryRange.Describe(_map));
        return _request.Kernel.Prepare(ram, information);
    }

    // As high as the kernel allows: what it allocates early comes from low addresses.
    private ulong LoadInitrd(GuestRam ram, ulong kernelEnd, ulong size)
    {
        if (_request.Initrd is not { } initrd)
        {
            return 0;
        }

        ulong limit = Math.Min(_map.LowRamSize, _request.Kernel.InitrdLimit) & ~(PageSize - 1);
        ulong start = size < limit ? (limit - size) & ~(PageSize - 1) : 0;
        if (start < kernelEnd || !ram.TrySlice(start, size, out Span<byte> destination))
        {
            throw new BootException(
                $"{initrd.Path} ({BootFile.Describe(size)}) and the kernel do not fit into {BootFile.Describe(_map.LowRamSize)} of RAM below 4 GiB: give more with --memory");
        }

        return initrd.TryRead(0, destination)
            ? start
            : throw new BootException($"{initrd.Path} became shorter while it was read: fetch or build it again");
    }
}
