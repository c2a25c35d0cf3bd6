using SplitVmm.GpuProcess.Commands;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Platform.Events;
using SplitVmm.VhostUser.BackEnd;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.GpuProcess.Device;

/// <summary>Works through the cursor queue, and tells the display once what came of it.</summary>
internal sealed class CursorQueue
{
    /// <summary>After so many requests the loop's other business gets its turn.</summary>
    private const int MaxBatch = 256;

    private readonly CursorCommands _commands;
    private readonly GpuState _state;
    private readonly EventLoop _loop;
    private readonly Action _continue;
    private VhostUserQueue? _queue;

    public CursorQueue(CursorCommands commands, GpuState state, EventLoop loop)
    {
        _commands = commands;
        _state = state;
        _loop = loop;
        _continue = Drain;
    }

    /// <summary>While true, requests wait: what they refer to is not there yet.</summary>
    public bool IsHeld { get; set; }

    public void Start(VhostUserQueue queue) => _queue = queue;

    public void Stop() => _queue = null;

    /// <summary>Answers what the driver has offered.</summary>
    public void Drain()
    {
        if (_queue is not { IsEnabled: true } queue || IsHeld)
        {
            return;
        }

        int left = MaxBatch;
        while (left > 0 && queue.Ring.TryPop(out DescriptorChain? chain))
        {
            left--;
            bool complete = GpuExchange.TryOpen(chain, out GpuExchange exchange);
            VirtioGpuCtrlType result = complete ? _commands.Execute(ref exchange) : VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_UNSPEC;
            exchange.Finish(result);
            if (result >= VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_UNSPEC)
            {
                _state.Statistics.Errors++;
            }

            queue.Ring.Push(chain, exchange.Written);
        }

        queue.Notify();
        _state.Cursors.Present();
        if (left == 0)
        {
            // No kick will announce what may be left.
            _loop.Post(_continue);
        }
    }
}
