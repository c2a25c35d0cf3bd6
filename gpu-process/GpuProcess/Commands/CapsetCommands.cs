using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Commands;

/// <summary>Capability sets (virtio 1.3 section 5.7.6.8).</summary>
internal sealed class CapsetCommands
{
    private readonly IRenderer3d _renderer;
    private readonly byte[] _buffer;

    public CapsetCommands(IRenderer3d renderer)
    {
        _renderer = renderer;
        uint largest = 0;
        foreach (Capset capset in renderer.Capsets)
        {
            largest = Math.Max(largest, capset.MaxSize);
        }

        _buffer = new byte[largest];
    }

    public VirtioGpuCtrlType GetCapsetInfo(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuGetCapsetInfo request) || request.CapsetIndex >= _renderer.Capsets.Length)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        Capset capset = _renderer.Capsets[(int)request.CapsetIndex];
        var response = new VirtioGpuRespCapsetInfo
        {
            CapsetId = capset.Id,
            CapsetMaxVersion = capset.MaxVersion,
            CapsetMaxSize = capset.MaxSize,
        };
        return exchange.Reply(VIRTIO_GPU_RESP_OK_CAPSET_INFO, ref response);
    }

    public VirtioGpuCtrlType GetCapset(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuGetCapset request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        foreach (Capset capset in _renderer.Capsets)
        {
            if (capset.Id == request.CapsetId && request.CapsetVersion <= capset.MaxVersion)
            {
                Span<byte> bytes = _buffer.AsSpan(0, (int)capset.MaxSize);
                _renderer.FillCapset(capset, request.CapsetVersion, bytes);
                return exchange.Reply(VIRTIO_GPU_RESP_OK_CAPSET, bytes);
            }
        }

        return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    }
}
