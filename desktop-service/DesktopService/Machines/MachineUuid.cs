using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace SplitVmm.DesktopService.Machines;

/// <summary>
/// What a machine is known by to programs that keep things for machines: a UUID of version 5 (RFC 9562, section 5.5), made of the host,
/// the user and the machine's name, so that nothing has to be kept and no two hosts have the same.
/// </summary>
internal static class MachineUuid
{
    private const string HostFile = "/etc/machine-id";
    private const int BytesOfUuid = 16;

    // Section 5.5: SHA-1 gives 20 bytes, of which the first 16 are taken.
    private const int VersionByte = 6;
    private const int VariantByte = 8;

    /// <summary>That of a machine of this user on this host.</summary>
    public static Guid Of(string machine) => Of(Host(HostFile), Environment.UserName, machine);

    /// <param name="host">The namespace: what machine-id(5) says of the host. It goes no further than into the hash, as that page wants it.</param>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 9562 wants SHA-1 for version 5, and nothing here is kept safe by it.")]
    public static Guid Of(Guid host, string user, string machine)
    {
        byte[] name = Encoding.UTF8.GetBytes($"org.splitvmm.SplitVmm/{user}/{machine}");
        byte[] text = new byte[BytesOfUuid + name.Length];
        _ = host.TryWriteBytes(text, bigEndian: true, out _);
        name.CopyTo(text.AsSpan(BytesOfUuid));
        Span<byte> hash = SHA1.HashData(text).AsSpan(0, BytesOfUuid);
        hash[VersionByte] = (byte)((hash[VersionByte] & 0x0F) | 0x50);
        hash[VariantByte] = (byte)((hash[VariantByte] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }

    /// <summary>The number in a file of machine-id(5).</summary>
    /// <returns>All zeros (the nil UUID) where the host has none, as in containers: machines are then told apart by user and name alone.</returns>
    public static Guid Host(string file)
    {
        try
        {
            return Guid.TryParseExact(File.ReadAllText(file).Trim(), "N", out Guid host) ? host : Guid.Empty;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Guid.Empty;
        }
    }
}
