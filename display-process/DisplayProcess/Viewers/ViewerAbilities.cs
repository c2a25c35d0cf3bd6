using SplitVmm.DisplayProcess.Viewers.Messages;

namespace SplitVmm.DisplayProcess.Viewers;

/// <summary>What a viewer can be sent; learned from its property Interfaces, and from what it refuses.</summary>
internal struct ViewerAbilities
{
    private const int MostInterfaces = 64;

    /// <summary>Shared memory.</summary>
    public bool HasMap { get; set; }

    /// <summary>Dma-bufs at all: a part of the plain interface, but a viewer without a GPU refuses them.</summary>
    public bool HasDmaBuf { get; set; }

    /// <summary>Dma-bufs with offsets and several planes.</summary>
    public bool HasDmaBuf2 { get; set; }

    /// <summary>Reads the answer to org.freedesktop.DBus.Properties.Get: a variant with names of interfaces.</summary>
    /// <param name="answer">An error, or anything else, says that the viewer has the plain interface only.</param>
    public static ViewerAbilities From(in ReceivedMessage answer)
    {
        var abilities = new ViewerAbilities { HasDmaBuf = true };
        MessageReader body = answer.Body;
        if (answer.Type != MessageType.METHOD_RETURN || !answer.Signature.SequenceEqual("v"u8)
            || !body.TryReadSignature(out ReadOnlySpan<byte> type) || !type.SequenceEqual("as"u8) || !body.TryReadArray(4, out int end))
        {
            return abilities;
        }

        for (int i = 0; i < MostInterfaces && body.Position < end && body.TryReadText(out ReadOnlySpan<byte> name); i++)
        {
            abilities.HasMap |= name.SequenceEqual("org.qemu.Display1.Listener.Unix.Map"u8);
            abilities.HasDmaBuf2 |= name.SequenceEqual("org.qemu.Display1.Listener.Unix.ScanoutDMABUF2"u8);
        }

        return abilities;
    }

    /// <summary>It has answered a picture that came this way with an error.</summary>
    public void Forget(PictureWay way)
    {
        switch (way)
        {
            case PictureWay.Map:
                HasMap = false;
                break;
            case PictureWay.DmaBuf2:
                HasDmaBuf2 = false;
                break;
            case PictureWay.DmaBuf:
                HasDmaBuf = false;
                break;
            default:
                break;
        }
    }
}
