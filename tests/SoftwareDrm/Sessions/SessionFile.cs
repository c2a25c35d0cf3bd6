using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static SplitVmm.SoftwareDrm.Sessions.SessionEventKind;

namespace SplitVmm.SoftwareDrm.Sessions;

/// <summary>
/// What a guest did, as bytes: of each event the kind, a byte, and its fields as little-endian words. Any bytes are a session, so
/// that a fuzzer may change them as it likes.
/// </summary>
internal static class SessionFile
{
    public static void Write(Stream file, SessionEvent done)
    {
        file.WriteByte((byte)done.Kind);
        if (done.Kind is not Export and not DestroyResource)
        {
            Write(file, done.Context);
        }

        if (done.Kind is not Submit and not CreateContext and not DestroyContext)
        {
            Write(file, done.Resource);
        }

        if (done.Kind == CreateBlob)
        {
            Write(file, done.BlobId);
            Write(file, done.Size);
            Write(file, done.Flags);
        }
        else if (done.Kind == Submit)
        {
            Write(file, (uint)done.Stream.Length);
            file.Write(done.Stream);
        }
    }

    public static byte[] Write(IEnumerable<SessionEvent> session)
    {
        using var bytes = new MemoryStream();
        foreach (SessionEvent done in session)
        {
            Write(bytes, done);
        }

        return bytes.ToArray();
    }

    /// <summary>Reads a session up to where its bytes end, be it in the middle of an event, which is left away.</summary>
    public static SessionEvent[] Read(ReadOnlySpan<byte> bytes)
    {
        var session = new List<SessionEvent>();
        while (!bytes.IsEmpty)
        {
            var kind = (SessionEventKind)(bytes[0] % ((int)DestroyResource + 1));
            bytes = bytes[1..];
            uint context = 0, resource = 0, flags = 0, length = 0;
            ulong blob = 0, size = 0;
            bool whole = kind is Export or DestroyResource || TryTake(ref bytes, out context);
            whole = whole && (kind is Submit or CreateContext or DestroyContext || TryTake(ref bytes, out resource));
            whole = whole && (kind != CreateBlob || (TryTake(ref bytes, out blob) && TryTake(ref bytes, out size) && TryTake(ref bytes, out flags)));
            whole = whole && (kind != Submit || TryTake(ref bytes, out length));
            if (!whole)
            {
                break;
            }

            int taken = (int)Math.Min(length, (uint)bytes.Length);
            session.Add(new SessionEvent(kind, context, resource, blob, size, flags, bytes[..taken].ToArray()));
            bytes = bytes[taken..];
        }

        return [.. session];
    }

    /// <summary>A recorded session, which is compressed.</summary>
    public static SessionEvent[] Load(string path)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private static void Write<T>(Stream file, T value)
        where T : unmanaged => file.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    private static bool TryTake<T>(ref ReadOnlySpan<byte> bytes, out T value)
        where T : unmanaged
    {
        bool there = MemoryMarshal.TryRead(bytes, out value);
        bytes = there ? bytes[Unsafe.SizeOf<T>()..] : [];
        return there;
    }
}
