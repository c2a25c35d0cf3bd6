using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Framing;

/// <summary>One end of a wire: what it says first, and what it has to hear first.</summary>
/// <param name="Wire">Its name, for errors.</param>
/// <param name="LargestMessage">Bytes, in either direction.</param>
/// <param name="Role">Of this end.</param>
/// <param name="PeerRole">Of the other one.</param>
/// <param name="PeerName">Of the other one, for errors.</param>
internal sealed record WireEnd(
    string Wire, ulong Magic, uint Version, int LargestMessage, uint Role, uint PeerRole, string PeerName)
{
    /// <summary>Hellos of this wire are longer than a <see cref="WireHello"/>.</summary>
    public bool HellosSayMore { get; init; }

    public WireHello Hello => new() { Magic = Magic, Version = Version, Role = Role };

    /// <summary>Checks a hello of the other end, but for what its wire says more.</summary>
    /// <returns>Null or what is wrong.</returns>
    public WireError? Check(ReadOnlySpan<byte> body)
    {
        if (!MemoryMarshal.TryRead(body, out WireHello hello) || (!HellosSayMore && body.Length != Unsafe.SizeOf<WireHello>()))
        {
            return Error("size", $"a body of {body.Length} bytes where {Unsafe.SizeOf<WireHello>()} belong");
        }

        return hello.Magic != Magic ? Error("magic", $"0x{hello.Magic:x16} is not that of the {Wire}")
            : hello.Version != Version ? Error("version", $"the peer speaks version {hello.Version}, this side version {Version}")
            : hello.Role != PeerRole ? Error("role", $"{hello.Role} where {PeerRole} ({PeerName}) belongs: are two sockets swapped?")
            : null;
    }

    private WireError Error(string field, string problem) => new(Wire, "hello", field, problem);
}
