using SplitVmm.GpuProcess.Journal;
using static SplitVmm.GpuProcess.Replay.VirglCommandCode;

namespace SplitVmm.GpuProcess.Replay;

/// <summary>
/// What a command is about, so that a later one about the same takes its place: an object by its handle, a part of
/// the bound state by what the protocol sets with one command. In a key the slot holds the class in its low six bits
/// and the number of a shader's part above; the index holds the sub-context in its high half.
/// </summary>
internal readonly record struct VirglItem(VirglItemClass Class, uint Index, ushort Part = 0)
{
    private const int ClassBits = 6;
    private const uint ShaderContinues = 1u << 31;

    /// <summary>Parts of one shader that are kept: 256 MiB of text.</summary>
    private const int MaxParts = 1 << (16 - ClassBits);

    public JournalKey ToKey(uint context, uint sub) =>
        new(JournalKind.Command, context, (ushort)((uint)Class | ((uint)Part << ClassBits)), ((ulong)sub << 32) | Index);

    public static VirglItem Of(in JournalKey key) =>
        new((VirglItemClass)(key.Slot & ((1 << ClassBits) - 1)), (uint)key.Index, (ushort)(key.Slot >> ClassBits));

    public static uint SubContextOf(in JournalKey key) => (uint)(key.Index >> 32);

    /// <summary>Whether a command is a part of a shader after the first.</summary>
    public static bool IsContinuation(in VirglCommand command) =>
        command.ObjectType == VirglObjectType.VIRGL_OBJECT_SHADER && (command[3] & ShaderContinues) != 0;

    /// <summary>What a command is about; false if it leaves nothing, or is not well formed.</summary>
    /// <param name="part">For a shader's continuation: its number.</param>
    public static bool TryOf(in VirglCommand command, int part, out VirglItem item)
    {
        item = command.Code switch
        {
            VIRGL_CCMD_CREATE_OBJECT when command[1] != 0 => new(VirglItemClass.Object, command[1], (ushort)part),
            VIRGL_CCMD_BIND_OBJECT when command.Length == 1 => new(VirglItemClass.BoundObject, (uint)command.ObjectType),
            VIRGL_CCMD_BIND_SHADER when command.Length == 2 => new(VirglItemClass.BoundShader, command[2]),
            VIRGL_CCMD_SET_VIEWPORT_STATE when command.Length > 1 => new(VirglItemClass.Viewports, command[1]),
            VIRGL_CCMD_SET_SCISSOR_STATE when command.Length > 1 => new(VirglItemClass.Scissors, command[1]),
            VIRGL_CCMD_SET_FRAMEBUFFER_STATE when command.Length >= 2 => new(VirglItemClass.Framebuffer, 0),
            VIRGL_CCMD_SET_FRAMEBUFFER_STATE_NO_ATTACH when command.Length == 2 => new(VirglItemClass.FramebufferSize, 0),
            VIRGL_CCMD_SET_VERTEX_BUFFERS => new(VirglItemClass.VertexBuffers, 0),
            VIRGL_CCMD_SET_INDEX_BUFFER when command.Length is 1 or 3 => new(VirglItemClass.IndexBuffer, 0),
            VIRGL_CCMD_SET_CONSTANT_BUFFER when command.Length >= 2 => new(VirglItemClass.Constants, command[1]),
            VIRGL_CCMD_SET_UNIFORM_BUFFER when command.Length == 5 => new(VirglItemClass.UniformBuffer, Slot(command[1], command[2])),
            VIRGL_CCMD_SET_SAMPLER_VIEWS when command.Length >= 2 => new(VirglItemClass.SamplerViews, Slot(command[1], command[2])),
            VIRGL_CCMD_BIND_SAMPLER_STATES when command.Length >= 2 => new(VirglItemClass.SamplerStates, Slot(command[1], command[2])),
            VIRGL_CCMD_SET_SHADER_BUFFERS when command.Length > 2 => new(VirglItemClass.ShaderBuffers, Slot(command[1], command[2])),
            VIRGL_CCMD_SET_SHADER_IMAGES when command.Length > 2 => new(VirglItemClass.ShaderImages, Slot(command[1], command[2])),
            VIRGL_CCMD_SET_ATOMIC_BUFFERS when command.Length > 2 => new(VirglItemClass.AtomicBuffers, command[1]),
            VIRGL_CCMD_SET_STENCIL_REF when command.Length == 1 => new(VirglItemClass.StencilReference, 0),
            VIRGL_CCMD_SET_BLEND_COLOR when command.Length == 4 => new(VirglItemClass.BlendColour, 0),
            VIRGL_CCMD_SET_POLYGON_STIPPLE when command.Length == 32 => new(VirglItemClass.PolygonStipple, 0),
            VIRGL_CCMD_SET_CLIP_STATE when command.Length == 32 => new(VirglItemClass.ClipPlanes, 0),
            VIRGL_CCMD_SET_SAMPLE_MASK when command.Length == 1 => new(VirglItemClass.SampleMask, 0),
            VIRGL_CCMD_SET_MIN_SAMPLES when command.Length == 1 => new(VirglItemClass.MinSamples, 0),
            VIRGL_CCMD_SET_TESS_STATE when command.Length == 6 => new(VirglItemClass.TessellationLevels, 0),
            VIRGL_CCMD_SET_STREAMOUT_TARGETS when command.Length >= 1 => new(VirglItemClass.StreamoutTargets, 0),
            VIRGL_CCMD_SET_RENDER_CONDITION when command.Length == 3 => new(VirglItemClass.RenderCondition, 0),
            VIRGL_CCMD_SET_TWEAKS when command.Length >= 2 => new(VirglItemClass.Tweak, command[1]),
            VIRGL_CCMD_SET_SUB_CTX when command.Length == 1 => new(VirglItemClass.CurrentSubContext, 0),
            VIRGL_CCMD_CREATE_SUB_CTX when command.Length == 1 => new(VirglItemClass.SubContext, 0),
            VIRGL_CCMD_BEGIN_QUERY or VIRGL_CCMD_END_QUERY when command.Length == 1 => new(VirglItemClass.QueryState, command[1]),
            VIRGL_CCMD_GET_QUERY_RESULT when command.Length == 2 => new(VirglItemClass.QueryState, command[1]),
            _ => default,
        };
        return item.Class != VirglItemClass.None && part < MaxParts;
    }

    private static uint Slot(uint shader, uint start) => (shader << 16) | (start & 0xFFFF);
}
