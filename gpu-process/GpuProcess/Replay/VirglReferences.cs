using static SplitVmm.GpuProcess.Replay.VirglCommandCode;
using static SplitVmm.GpuProcess.Replay.VirglObjectType;

namespace SplitVmm.GpuProcess.Replay;

/// <summary>
/// What commands refer to. A program may leave things bound that it has destroyed; the renderer kept them alive, but
/// to name them again is an error that ends the context. So a reference to what is not there becomes 0 where the
/// protocol allows that, and else the command is left out.
/// </summary>
internal static class VirglReferences
{
    /// <summary>Makes a command fit for replay.</summary>
    /// <param name="words">The command; references are changed in place.</param>
    /// <param name="objects">The objects of the sub-context that were made again, with their types.</param>
    /// <param name="resources">The resources attached to the context.</param>
    /// <returns>False if it is to be left out.</returns>
    public static bool TryFit(Span<uint> words, Dictionary<uint, VirglObjectType> objects, HashSet<uint> resources)
    {
        switch ((VirglCommandCode)(byte)words[0])
        {
            case VIRGL_CCMD_CREATE_OBJECT:
                return ResourceOf(words) is not { } resource || resources.Contains(resource);
            case VIRGL_CCMD_BIND_OBJECT:
                return words[1] == 0 || Is(objects, words[1], (VirglObjectType)(byte)(words[0] >> 8));
            case VIRGL_CCMD_BIND_SHADER:
                return words[1] == 0 || Is(objects, words[1], VIRGL_OBJECT_SHADER);
            case VIRGL_CCMD_SET_RENDER_CONDITION:
                return words[1] == 0 || Is(objects, words[1], VIRGL_OBJECT_QUERY);
            case VIRGL_CCMD_SET_FRAMEBUFFER_STATE:
                FitObjects(words, 2, objects, VIRGL_OBJECT_SURFACE, VIRGL_OBJECT_MSAA_SURFACE);
                return true;
            case VIRGL_CCMD_SET_SAMPLER_VIEWS:
                FitObjects(words, 3, objects, VIRGL_OBJECT_SAMPLER_VIEW, VIRGL_OBJECT_SAMPLER_VIEW);
                return true;
            case VIRGL_CCMD_BIND_SAMPLER_STATES:
                FitObjects(words, 3, objects, VIRGL_OBJECT_SAMPLER_STATE, VIRGL_OBJECT_SAMPLER_STATE);
                return true;
            case VIRGL_CCMD_SET_STREAMOUT_TARGETS:
                FitObjects(words, 2, objects, VIRGL_OBJECT_STREAMOUT_TARGET, VIRGL_OBJECT_STREAMOUT_TARGET);
                return true;
            case VIRGL_CCMD_SET_VERTEX_BUFFERS:
                FitResources(words, 3, 3, resources);
                return true;
            case VIRGL_CCMD_SET_INDEX_BUFFER:
                FitResources(words, 1, words.Length, resources);
                return true;
            case VIRGL_CCMD_SET_UNIFORM_BUFFER:
                FitResources(words, 5, words.Length, resources);
                return true;
            case VIRGL_CCMD_SET_SHADER_BUFFERS:
                FitResources(words, 5, 3, resources);
                return true;
            case VIRGL_CCMD_SET_SHADER_IMAGES:
                FitResources(words, 7, 5, resources);
                return true;
            case VIRGL_CCMD_SET_ATOMIC_BUFFERS:
                FitResources(words, 4, 3, resources);
                return true;
            default:
                return true;
        }
    }

    private static uint? ResourceOf(ReadOnlySpan<uint> create) => (VirglObjectType)(byte)(create[0] >> 8) switch
    {
        VIRGL_OBJECT_SURFACE or VIRGL_OBJECT_MSAA_SURFACE or VIRGL_OBJECT_SAMPLER_VIEW or VIRGL_OBJECT_STREAMOUT_TARGET
            => create.Length > 2 ? create[2] : 0,
        VIRGL_OBJECT_QUERY => create.Length > 4 ? create[4] : 0,
        _ => null,
    };

    private static bool Is(Dictionary<uint, VirglObjectType> objects, uint handle, VirglObjectType type) =>
        objects.TryGetValue(handle, out VirglObjectType found) && found == type;

    private static void FitObjects(
        Span<uint> words, int first, Dictionary<uint, VirglObjectType> objects, VirglObjectType type, VirglObjectType other)
    {
        for (int i = first; i < words.Length; i++)
        {
            // A surface is looked up as VIRGL_OBJECT_SURFACE, whichever command made it.
            if (!Is(objects, words[i], type) && !Is(objects, words[i], other))
            {
                words[i] = 0;
            }
        }
    }

    private static void FitResources(Span<uint> words, int first, int step, HashSet<uint> resources)
    {
        for (int i = first; i < words.Length; i += step)
        {
            if (!resources.Contains(words[i]))
            {
                words[i] = 0;
            }
        }
    }
}
