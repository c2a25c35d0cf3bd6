using System.Text;

namespace SplitVmm.Sandbox;

/// <summary>
/// All that a process does to itself, made by the supervisor from a reviewed policy and handed over in a sealed memfd.
/// The filters are compiled already: no caged process carries libseccomp or a parser of policies.
/// </summary>
public sealed record CagePlan
{
    /// <summary>"SVCP" and the version of this layout.</summary>
    private const uint Magic = 0x5043_5653;
    private const int Version = 2;

    // A filter of the kernel's longest length (4096 instructions) fits several times.
    private const int LargestPlan = 1 << 20;

    public IReadOnlyList<ResourceLimit> Limits { get; init; } = [];

    /// <summary>Everything else below <c>/</c> is out of reach by Landlock.</summary>
    public IReadOnlyList<FileGrant> Files { get; init; } = [];

    /// <summary>No memory of the process may ever become executable (<c>PR_SET_MDWE</c>).</summary>
    public bool RefuseExecutableMemory { get; init; }

    /// <summary>Classic BPF that holds from the first instruction on; empty: none.</summary>
    public byte[] StartFilter { get; init; } = [];

    /// <summary>Classic BPF that holds from before the first untrusted byte on; empty: none.</summary>
    public byte[] ServeFilter { get; init; } = [];

    /// <summary>How many system calls <see cref="ServeFilter"/> allows, by name, for reports.</summary>
    public int AllowedCalls { get; init; }

    /// <summary>
    /// A program of somebody else, by its path inside: the process closes both halves of the cage around itself and then
    /// becomes that. Empty: it goes on as what it is.
    /// </summary>
    public string ForeignProgram { get; init; } = "";

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(RefuseExecutableMemory);
        writer.Write(AllowedCalls);
        writer.Write(Limits.Count);
        foreach (ResourceLimit limit in Limits)
        {
            writer.Write(limit.Resource);
            writer.Write(limit.Value);
        }

        writer.Write(Files.Count);
        foreach (FileGrant file in Files)
        {
            writer.Write(file.Path);
            writer.Write((byte)file.Use);
        }

        foreach (byte[] filter in (byte[][])[StartFilter, ServeFilter])
        {
            writer.Write(filter.Length);
            writer.Write(filter);
        }

        writer.Write(ForeignProgram);
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">It is not a plan of this version.</exception>
    public static CagePlan FromBytes(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            if (bytes.Length > LargestPlan || reader.ReadUInt32() != Magic || reader.ReadInt32() != Version)
            {
                throw new InvalidDataException("it is not a plan of this version: the programs come from different builds");
            }

            return new CagePlan
            {
                RefuseExecutableMemory = reader.ReadBoolean(),
                AllowedCalls = reader.ReadInt32(),
                Limits = ReadList(reader, static from => new ResourceLimit(from.ReadInt32(), from.ReadUInt64())),
                Files = ReadList(reader, static from => new FileGrant(from.ReadString(), (FileUse)from.ReadByte())),
                StartFilter = reader.ReadBytes(reader.ReadInt32()),
                ServeFilter = reader.ReadBytes(reader.ReadInt32()),
                ForeignProgram = reader.ReadString(),
            };
        }
        catch (Exception error) when (error is EndOfStreamException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException("it ends too early", error);
        }
    }

    private static List<T> ReadList<T>(BinaryReader reader, Func<BinaryReader, T> read)
    {
        var list = new List<T>();
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            list.Add(read(reader));
        }

        return list;
    }
}
