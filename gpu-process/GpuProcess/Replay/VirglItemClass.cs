namespace SplitVmm.GpuProcess.Replay;

/// <summary>Classes of <see cref="VirglItem"/>. The numbers stand in the journal's memory; below 64.</summary>
internal enum VirglItemClass : byte
{
    None = 0,

    /// <summary>Which sub-context commands go to; of the context as a whole.</summary>
    CurrentSubContext = 1,
    SubContext = 2,
    Object = 3,
    QueryState = 4,
    BoundObject = 5,
    BoundShader = 6,
    Viewports = 7,
    Scissors = 8,
    Framebuffer = 9,
    FramebufferSize = 10,
    VertexBuffers = 11,
    IndexBuffer = 12,
    Constants = 13,
    UniformBuffer = 14,
    SamplerViews = 15,
    SamplerStates = 16,
    ShaderBuffers = 17,
    ShaderImages = 18,
    AtomicBuffers = 19,
    StencilReference = 20,
    BlendColour = 21,
    PolygonStipple = 22,
    ClipPlanes = 23,
    SampleMask = 24,
    MinSamples = 25,
    TessellationLevels = 26,
    StreamoutTargets = 27,
    RenderCondition = 28,
    Tweak = 29,
}
