using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Pci.Msix;

/// <summary>
/// One vector: its table entry, its GSI, its pending bit and the lines that signal it. Only
/// <see cref="MsixTable"/> uses it, under its lock.
/// </summary>
internal sealed class MsixVector(IInterruptRoutes routes)
{
    private readonly List<InterruptLine> _lines = [];
    private (ulong Address, uint Data)? _routed;
    private bool _delivering;
    private bool _pending;

    public MsixEntry Entry = MsixEntry.PowerOn;

    /// <summary>The interrupt controller's name for this vector.</summary>
    public int Gsi { get; } = routes.AllocateGsi();

    public void Add(InterruptLine line)
    {
        _lines.Add(line);
        if (_delivering)
        {
            Attach(line);
        }
    }

    public void Remove(InterruptLine line)
    {
        Detach(line);
        _ = _lines.Remove(line);
        _pending &= _lines.Count > 0;
    }

    /// <summary>The pending bit, after looking at what the lines remember (PCI Local Bus 3.0 section 6.8.2.10).</summary>
    public bool PollPending()
    {
        if (!_delivering)
        {
            foreach (InterruptLine line in _lines)
            {
                _pending |= line.Event.TryDrain(out _);
            }
        }

        return _pending;
    }

    /// <param name="allowed">MSI-X is enabled and the function is not masked.</param>
    public void Update(bool allowed)
    {
        bool deliver = allowed && !Entry.Masked && Entry.IsInterrupt;
        if (deliver)
        {
            Route();
        }

        if (deliver == _delivering)
        {
            return;
        }

        bool replay = deliver && PollPending();
        _delivering = deliver;
        foreach (InterruptLine line in _lines)
        {
            if (deliver)
            {
                Attach(line);
            }
            else
            {
                Detach(line);
            }
        }

        if (replay)
        {
            // Through the irqfd, so that it takes the same way as a fresh interrupt.
            _pending = false;
            _ = _lines[0].Event.Signal();
        }
    }

    public void Reset()
    {
        Entry = MsixEntry.PowerOn;
        Update(allowed: false);
        _ = PollPending();
        _pending = false;
        if (_routed is not null)
        {
            routes.ClearMsi(Gsi);
            _routed = null;
        }
    }

    private void Route()
    {
        (ulong, uint) wanted = (Entry.Address, Entry.Data);
        if (_routed != wanted)
        {
            routes.SetMsi(Gsi, Entry.Address, Entry.Data);
            _routed = wanted;
        }
    }

    private void Attach(InterruptLine line)
    {
        if (!line.Attached)
        {
            routes.AttachIrqfd(Gsi, line.Event);
            line.Attached = true;
        }
    }

    private void Detach(InterruptLine line)
    {
        if (line.Attached)
        {
            routes.DetachIrqfd(Gsi, line.Event);
            line.Attached = false;
        }
    }
}
