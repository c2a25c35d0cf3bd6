using SplitVmm.GpuProcess.Edid;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Outputs;

/// <summary>
/// The monitors, one for each scanout: at first what the options say, then what the display says. They stand in
/// a row from left to right.
/// </summary>
internal sealed class OutputTable
{
    private const uint DefaultRefreshMillihertz = 60_000;

    private readonly Output[] _outputs;

    /// <param name="count">Scanouts, 1 to 16.</param>
    /// <param name="width">Of the first monitor, until the display speaks.</param>
    public OutputTable(int count, uint width, uint height)
    {
        _outputs = new Output[count];
        _outputs[0] = new Output { Enabled = true, Width = width, Height = height, RefreshMillihertz = DefaultRefreshMillihertz };
    }

    public int Count => _outputs.Length;

    public Output this[int scanout] => _outputs[scanout];

    /// <summary>Takes what the display says of an output.</summary>
    /// <returns>True if the guest has to be told.</returns>
    public bool Update(in OutputInfo info)
    {
        if (info.Scanout >= _outputs.Length)
        {
            return false;
        }

        Output output = info.Enabled == 0 ? default : new Output
        {
            Enabled = true,
            Width = info.Width,
            Height = info.Height,
            WidthMillimetres = info.WidthMillimetres,
            HeightMillimetres = info.HeightMillimetres,
            RefreshMillihertz = info.RefreshMillihertz,
        };
        bool changed = output != _outputs[info.Scanout];
        _outputs[info.Scanout] = output;
        return changed;
    }

    /// <summary>VIRTIO_GPU_CMD_GET_DISPLAY_INFO.</summary>
    public void Describe(ref VirtioGpuRespDisplayInfo response)
    {
        uint left = 0;
        for (int i = 0; i < _outputs.Length; i++)
        {
            ref VirtioGpuDisplayOne mode = ref response.Pmodes[i];
            mode = default;
            if (_outputs[i].Enabled)
            {
                mode.Enabled = 1;
                mode.R = new VirtioGpuRect(left, 0, _outputs[i].Width, _outputs[i].Height);
                left += _outputs[i].Width;
            }
        }
    }

    /// <summary>VIRTIO_GPU_CMD_GET_EDID. A monitor that is not plugged in answers with that of the first one's size.</summary>
    /// <returns>Bytes written.</returns>
    public int WriteEdid(int scanout, Span<byte> edid)
    {
        Output output = _outputs[scanout].Enabled ? _outputs[scanout] : _outputs[0];
        return MonitorEdid.Write(edid, new EdidParameters(
            Math.Max(output.Width, 1),
            Math.Max(output.Height, 1),
            output.RefreshMillihertz,
            output.WidthMillimetres,
            output.HeightMillimetres,
            (uint)scanout + 1));
    }
}
