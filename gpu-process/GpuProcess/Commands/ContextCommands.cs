using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Replay;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Virtio.Queues;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Commands;

/// <summary>Contexts and their command streams (virtio 1.3 section 5.7.6.9).</summary>
internal sealed class ContextCommands(GpuState state, IRenderer3d renderer) : IDisposable
{
    private readonly SubmitBuffer _buffer = new(state.Resources.Limits.MaxSubmitBytes);

    public VirtioGpuCtrlType Create(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuCtxCreate request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        return Create(request.Hdr.CtxId, new ContextRecord
        {
            // A driver that does not know the field leaves anything there.
            ContextInit = state.Has(VirtioGpuFeatures.VIRTIO_GPU_F_CONTEXT_INIT) ? request.ContextInit : 0,
            NameLength = Math.Min(request.Nlen, VirtioGpuDebugName.Length),
            Name = request.DebugName,
        });
    }

    /// <summary>
    /// Makes a context again, out of the journal. One of Vulkan comes back lost: its state was in the memory of the
    /// server that has gone, and the renderer is not even asked for a new one.
    /// </summary>
    public VirtioGpuCtrlType Restore(uint id, in ContextRecord record) => Create(id, record, isRestored: true);

    private VirtioGpuCtrlType Create(uint id, in ContextRecord record, bool isRestored = false)
    {
        if (id == 0 || state.Contexts.ContainsKey(id) || record.NameLength > VirtioGpuDebugName.Length)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
        }

        if (!TryChooseType(record.ContextInit, out VirtioGpuCapsetId type))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (state.Contexts.Count >= state.Resources.Limits.MaxContexts)
        {
            return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }

        ReadOnlySpan<byte> name = record.Name;
        bool comesBack = type is VirtioGpuCapsetId.None or VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL or VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2;
        bool isLost = isRestored && !comesBack;
        VirtioGpuCtrlType result = isLost
            ? VIRTIO_GPU_RESP_OK_NODATA
            : renderer.CreateContext(id, type, name[..(int)record.NameLength]);
        if (result == VIRTIO_GPU_RESP_OK_NODATA)
        {
            var context = new GpuContext(id) { IsLost = isLost };
            if (state.Journal is { } journal)
            {
                context.Recorder = new VirglRecorder(journal.Log, context, state.Uploads!, state.Resources.Limits.MaxReplayBytes);
            }

            state.Contexts.Add(id, context);
            state.Statistics.Contexts = state.Contexts.Count;
            state.Journal?.ContextCreated(context, record);
            if (!comesBack)
            {
                // There is no following its streams, what they leave in a kernel driver goes with this process, and a successor
                // has to know that.
                state.Journal?.ContextLost(context);
            }
        }

        return result;
    }

    public VirtioGpuCtrlType Destroy(ref GpuExchange exchange)
    {
        if (!state.Contexts.Remove(exchange.Header.CtxId, out GpuContext? context))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
        }

        renderer.DestroyContext(context.Id);
        state.ContextEnded?.Invoke(context.Id);
        state.Journal?.ContextDestroyed(context);
        foreach (uint id in context.Resources)
        {
            if (state.Resources.TryGet(id, out GpuResource? resource))
            {
                _ = resource.Contexts.Remove(context.Id);
            }
        }

        state.Statistics.Contexts = state.Contexts.Count;
        return VIRTIO_GPU_RESP_OK_NODATA;
    }

    public VirtioGpuCtrlType AttachResource(ref GpuExchange exchange)
    {
        VirtioGpuCtrlType result = Find(ref exchange, out GpuContext? context, out GpuResource? resource);
        if (resource is not null)
        {
            Attach(context!, resource);
        }

        return result;
    }

    /// <summary>Attaches a resource, for a guest or out of the journal.</summary>
    public void Attach(GpuContext context, GpuResource resource)
    {
        renderer.AttachToContext(context.Id, resource);
        if (context.Resources.Add(resource.Id))
        {
            resource.Contexts.Add(context.Id);
            state.Journal?.Attached(context, resource.Id);
        }
    }

    public VirtioGpuCtrlType DetachResource(ref GpuExchange exchange)
    {
        VirtioGpuCtrlType result = Find(ref exchange, out GpuContext? context, out GpuResource? resource);
        if (resource is not null)
        {
            renderer.DetachFromContext(context!.Id, resource);
            if (context.Resources.Remove(resource.Id))
            {
                _ = resource.Contexts.Remove(context.Id);
                state.Journal?.Detached(context, resource.Id);
            }
        }

        return result;
    }

    public unsafe VirtioGpuCtrlType Submit(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuCmdSubmit request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (!state.Contexts.TryGetValue(request.Hdr.CtxId, out GpuContext? context))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
        }

        if (context.IsLost)
        {
            return VIRTIO_GPU_RESP_ERR_UNSPEC;
        }

        ref ChainReader stream = ref exchange.Tail;
        if (request.Size > stream.Remaining || request.Size % sizeof(uint) != 0 || request.NumInFences != 0)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (!_buffer.TryReserve(request.Size))
        {
            return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }

        // Copied once: the renderer checks what it reads, and the guest must not change it in between.
        // TryReserve made room for Size bytes.
        _ = stream.TryRead(new Span<byte>(_buffer.Pointer, (int)request.Size));
        state.HasUnfencedWork = true;
        VirtioGpuCtrlType result = renderer.Submit(request.Hdr.CtxId, _buffer.Pointer, request.Size);
        if (result == VIRTIO_GPU_RESP_OK_NODATA)
        {
            state.Journal?.Submitted(context, new ReadOnlySpan<uint>(_buffer.Pointer, (int)(request.Size / sizeof(uint))));
        }
        else
        {
            state.Journal?.SubmissionFailed(context);
        }

        return result;
    }

    /// <summary>Submits a stream of our own, out of the journal.</summary>
    public unsafe VirtioGpuCtrlType Submit(GpuContext context, ReadOnlySpan<uint> stream)
    {
        uint bytes = (uint)stream.Length * sizeof(uint);
        if (!_buffer.TryReserve(bytes))
        {
            return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }

        // TryReserve made room for as many.
        stream.CopyTo(new Span<uint>(_buffer.Pointer, stream.Length));
        state.HasUnfencedWork = true;
        return renderer.Submit(context.Id, _buffer.Pointer, bytes);
    }

    /// <summary>Ends all contexts, after a reset.</summary>
    public void Reset()
    {
        foreach (GpuContext context in state.Contexts.Values)
        {
            renderer.DestroyContext(context.Id);
            state.ContextEnded?.Invoke(context.Id);
        }

        state.Contexts.Clear();
        state.Statistics.Contexts = 0;
    }

    public void Dispose() => _buffer.Dispose();

    /// <summary>
    /// Finds the type that <c>context_init</c> asks for; without one it is OpenGL. Where that is not offered it stays without: Linux has
    /// such a context for its frame buffers, which nothing is ever submitted to.
    /// </summary>
    private bool TryChooseType(uint contextInit, out VirtioGpuCapsetId type)
    {
        type = (VirtioGpuCapsetId)(contextInit & VirtioGpuCtxCreate.VIRTIO_GPU_CONTEXT_INIT_CAPSET_ID_MASK);
        if (contextInit > VirtioGpuCtxCreate.VIRTIO_GPU_CONTEXT_INIT_CAPSET_ID_MASK)
        {
            return false;
        }

        foreach (Capset capset in renderer.Capsets)
        {
            if (type == VirtioGpuCapsetId.None
                && capset.Id is VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL or VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2)
            {
                type = capset.Id;
            }

            if (capset.Id == type)
            {
                return true;
            }
        }

        return type == VirtioGpuCapsetId.None;
    }

    private VirtioGpuCtrlType Find(ref GpuExchange exchange, out GpuContext? context, out GpuResource? resource)
    {
        context = null;
        resource = null;
        if (!exchange.TryRead(out VirtioGpuResourceReference request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (!state.Contexts.TryGetValue(request.Hdr.CtxId, out context))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
        }

        return state.Resources.TryGet(request.ResourceId, out resource)
            ? VIRTIO_GPU_RESP_OK_NODATA
            : VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
}
