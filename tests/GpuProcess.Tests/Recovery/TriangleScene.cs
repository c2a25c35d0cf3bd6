using System.Runtime.InteropServices;
using System.Text;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.GpuProcess.Tests.Virgl;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;
using static SplitVmm.GpuProcess.Tests.Virgl.GpuGuest3d;

namespace SplitVmm.GpuProcess.Tests.Recovery;

/// <summary>
/// An OpenGL program as Mesa's virgl driver sends it, in small: a textured triangle, tinted by a constant. It makes
/// everything once, and then only draws. Of its fragment shader's text the second half comes as a continuation, its
/// vertices come by the stream's transfer command, its texture by virtio's.
/// </summary>
internal sealed class TriangleScene(GpuGuest guest, uint context, uint firstResource)
{
    public const uint Size = 64;

    private const uint VIRGL_FORMAT_B8G8R8A8_UNORM = 1;
    private const uint VIRGL_FORMAT_R32G32B32A32_FLOAT = 31;
    private const uint VIRGL_FORMAT_R8_UNORM = 64;
    private const uint VIRGL_BIND_VERTEX_BUFFER = 1 << 4;

    private const string VertexShader =
        "VERT\nDCL IN[0]\nDCL IN[1]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\n"
        + "  0: MOV OUT[0], IN[0]\n  1: MOV OUT[1], IN[1]\n  2: END\n";

    private const string FragmentShader =
        "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\nDCL SAMP[0]\nDCL SVIEW[0], 2D, FLOAT\n"
        + "DCL CONST[0]\nDCL TEMP[0]\n"
        + "  0: TEX TEMP[0], IN[0], SAMP[0], 2D\n  1: MUL OUT[0], TEMP[0], CONST[0]\n  2: END\n";

    private static readonly VirtioGpuRect s_all = new(0, 0, Size, Size);

    private ulong _pixels;

    public uint Target => firstResource;

    private uint Vertices => firstResource + 1;

    private uint Texture => firstResource + 2;

    /// <summary>Makes everything.</summary>
    public void Create()
    {
        guest.CreateContext(context);
        guest.Do(Texture2d(Target, Size, Size, topDown: true));
        guest.Do(Texture2d(Texture, 4, 4, topDown: true));
        guest.Do(Buffer(Vertices, 96));
        foreach (uint resource in (uint[])[Target, Vertices, Texture])
        {
            guest.Do(Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, resource, context));
        }

        _pixels = guest.AttachFresh(Target, (int)(Size * Size * 4));
        FillVertices(guest.AttachFresh(Vertices, 96));
        ulong texels = guest.AttachFresh(Texture, 64);
        for (uint i = 0; i < 16; i++)
        {
            guest.Memory.Field<uint>(texels + (i * 4)) = 0xFF00_0000 | (i * 0x0F0B07);
        }

        // In two parts, which lie in one picture.
        guest.Do(Transfer(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, context, Texture, new VirtioGpuRect(0, 0, 4, 1), 0, 16));
        guest.Do(Transfer(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, context, Texture, new VirtioGpuRect(0, 1, 4, 3), 16, 16));
        Submit(State());
    }

    /// <summary>Sets the constant that tints, which is one command of many.</summary>
    public void Tint(float red, float green, float blue) => Submit(new VirglStream().Add(12, 0, 1, 0, Word(red), Word(green), Word(blue), Word(1)));

    /// <summary>
    /// Writes half of the texture from another resource's pages, and a vertex from the stream itself, as Mesa does to
    /// what is in use; the pages are then used for something else.
    /// </summary>
    public void UpdateThroughStaging(uint staging)
    {
        guest.Do(Buffer(staging, 256));
        guest.Do(Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, staging, context));
        ulong pages = guest.AttachFresh(staging, 256);
        for (uint i = 0; i < 8; i++)
        {
            guest.Memory.Field<uint>(pages + 64 + (i * 4)) = 0xFF00_FF00 + (i * 0x1F_0000);
        }

        Submit(new VirglStream()
            .Add(45, 0, Texture, 0, 0, 16, 0, 0, 1, 0, 4, 2, 1, staging, 64, 0)
            .Add(9, 0, Vertices, 0, 0, 0, 0, 64, 0, 0, 16, 1, 1, Word(-0.3f), Word(0.7f), 0, Word(1)));
        guest.Memory.Span(pages, 256).Fill(0x55);
    }

    /// <summary>Draws, and reads what was drawn back into guest memory.</summary>
    public byte[] Draw()
    {
        byte[] stream = DrawStream();
        _ = guest.SubmitAndWait(context, stream, 1);
        guest.Memory.Span(_pixels, (int)(Size * Size * 4)).Fill(0x77);
        guest.Do(Fenced(Transfer(VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D, context, Target, s_all, 0, Size * 4), 2));
        return guest.Memory.Span(_pixels, (int)(Size * Size * 4)).ToArray();
    }

    /// <summary>The stream that draws, which makes nothing.</summary>
    public byte[] DrawStream() => new VirglStream()
        .Clear(0.1f, 0.2f, 0.3f, 1)
        .Add(8, 0, 0, 3, 4, 0, 1, 0, 0, 0, 0, 0, 2, 0)
        .Bytes;

    /// <summary>The same with state that is set again in each frame.</summary>
    public byte[] TintedDrawStream(float red)
    {
        VirglStream stream = new VirglStream().Clear(0.1f, 0.2f, 0.3f, 1);
        for (int i = 0; i < 10; i++)
        {
            _ = stream.Add(12, 0, 1, 0, Word(red), Word(i / 10f), Word(1), Word(1)).Add(10, 0, 1, 0, 9).Add(6, 0, 32, 0, Vertices)
                .Add(8, 0, 0, 3, 4, 0, 1, 0, 0, 0, 0, 0, 2, 0);
        }

        return stream.Bytes;
    }

    private static VirtioGpuResourceCreate3d Buffer(uint id, uint bytes) => new()
    {
        Hdr = { Type = VIRTIO_GPU_CMD_RESOURCE_CREATE_3D },
        ResourceId = id,
        Target = PIPE_BUFFER,
        Format = VIRGL_FORMAT_R8_UNORM,
        Bind = VIRGL_BIND_VERTEX_BUFFER,
        Width = bytes,
        Height = 1,
        Depth = 1,
        ArraySize = 1,
    };

    private void FillVertices(ulong address)
    {
        float[] vertices =
        [
            -0.9f, -0.8f, 0, 1, 0, 0, 0, 1,
            0.9f, -0.7f, 0, 1, 1, 0, 0, 1,
            0.1f, 0.9f, 0, 1, 0.5f, 1, 0, 1,
        ];
        MemoryMarshal.AsBytes<float>(vertices).CopyTo(guest.Memory.Span(address, 96));
    }

    private VirglStream State()
    {
        VirglStream stream = new VirglStream()
            .CreateSubContext(1)
            // Vertices from their own pages: resource, level, usage, strides, box, offset, direction.
            .Add(43, 0, Vertices, 0, 0, 0, 0, 0, 0, 0, 96, 1, 1, 0, 1)
            .CreateSurface(2, Target, VIRGL_FORMAT_B8G8R8A8_UNORM)
            .SetFramebuffer(2)
            .Add(1, 1, 3, 0, 0, 0xFu << 27, 0, 0, 0, 0, 0, 0, 0)
            .Add(2, 1, 3)
            .Add(1, 3, 4, 0, 0, 0, 0)
            .Add(2, 3, 4)
            .Add(1, 2, 5, (1u << 1) | (1u << 29), Word(1), 0, 0, Word(1), 0, 0, 0)
            .Add(2, 2, 5)
            .Add(1, 5, 6, 0, 0, 0, VIRGL_FORMAT_R32G32B32A32_FLOAT, 16, 0, 0, VIRGL_FORMAT_R32G32B32A32_FLOAT)
            .Add(2, 5, 6)
            .Add(6, 0, 32, 0, Vertices)
            .Add(4, 0, 0, Word(Size / 2f), Word(Size / 2f), Word(0.5f), Word(Size / 2f), Word(Size / 2f), Word(0.5f))
            .Add(1, 6, 9, Texture, VIRGL_FORMAT_B8G8R8A8_UNORM, 0, 0, 0 | (1 << 3) | (2 << 6) | (3 << 9))
            .Add(10, 0, 1, 0, 9)
            .Add(1, 7, 10, 0 | (2 << 11), 0, 0, Word(1000), 0, 0, 0, 0)
            .Add(18, 0, 1, 0, 10)
            .Add(12, 0, 1, 0, Word(1), Word(1), Word(1), Word(1));
        AddShader(stream, 7, 0, VertexShader, parts: 1);
        AddShader(stream, 8, 1, FragmentShader, parts: 2);
        return stream.Add(31, 0, 7, 0).Add(31, 0, 8, 1);
    }

    private static void AddShader(VirglStream stream, uint handle, uint type, string text, int parts)
    {
        byte[] bytes = new byte[(Encoding.ASCII.GetByteCount(text) + 4) / 4 * 4];
        _ = Encoding.ASCII.GetBytes(text, bytes);
        uint[] words = MemoryMarshal.Cast<byte, uint>(bytes).ToArray();
        int each = (words.Length + parts - 1) / parts;
        for (int part = 0; part < parts; part++)
        {
            uint[] slice = words[(part * each)..Math.Min((part + 1) * each, words.Length)];
            uint offset = part == 0 ? (uint)text.Length + 1 : (uint)(part * each * 4) | (1u << 31);
            _ = stream.Add(1, 4, [handle, type, offset, 300, 0, .. slice]);
        }
    }

    private void Submit(VirglStream stream) => guest.Do(SubmitRequest(context, stream.Bytes), stream.Bytes);

    private static uint Word(float value) => BitConverter.SingleToUInt32Bits(value);
}
