using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Tests.Virgl;

/// <summary>Builds command streams of the virgl protocol, as Mesa's driver does (<c>virgl_protocol.h</c>).</summary>
internal sealed class VirglStream
{
    public const uint PIPE_CLEAR_COLOR0 = 1 << 2;

    private const uint VIRGL_CCMD_CREATE_OBJECT = 1;
    private const uint VIRGL_CCMD_SET_FRAMEBUFFER_STATE = 5;
    private const uint VIRGL_CCMD_CLEAR = 7;
    private const uint VIRGL_CCMD_SET_SUB_CTX = 28;
    private const uint VIRGL_CCMD_CREATE_SUB_CTX = 29;
    private const uint VIRGL_OBJECT_SURFACE = 8;

    private readonly List<uint> _words = [];

    public byte[] Bytes => MemoryMarshal.AsBytes<uint>(_words.ToArray()).ToArray();

    public VirglStream CreateSubContext(uint id) => Add(VIRGL_CCMD_CREATE_SUB_CTX, 0, id).Add(VIRGL_CCMD_SET_SUB_CTX, 0, id);

    /// <summary>A surface of level 0, layer 0.</summary>
    public VirglStream CreateSurface(uint handle, uint resource, uint format) =>
        Add(VIRGL_CCMD_CREATE_OBJECT, VIRGL_OBJECT_SURFACE, handle, resource, format, 0, 0);

    public VirglStream SetFramebuffer(uint surface) => Add(VIRGL_CCMD_SET_FRAMEBUFFER_STATE, 0, 1, 0, surface);

    public VirglStream Clear(float red, float green, float blue, float alpha) => Add(
        VIRGL_CCMD_CLEAR, 0, PIPE_CLEAR_COLOR0, Word(red), Word(green), Word(blue), Word(alpha), 0, 0, 0);

    public VirglStream Add(uint command, uint objectType, params uint[] payload)
    {
        _words.Add(command | (objectType << 8) | ((uint)payload.Length << 16));
        _words.AddRange(payload);
        return this;
    }

    private static uint Word(float value) => BitConverter.SingleToUInt32Bits(value);
}
