using SplitVmm.VmmCore.Kvm;

namespace SplitVmm.VmmCore.Machine;

/// <summary>
/// Holds the vCPU threads outside the guest, all of them or none. A thread is stopped by <c>immediate_exit</c> in its
/// shared page, which catches it before KVM_RUN, and by a signal, which catches it inside. Both are needed: the
/// signal alone may come a moment too early. KVM_RUN with <c>immediate_exit</c> also finishes an instruction whose
/// exit was just handled, so a stopped vCPU is always between two instructions.
/// </summary>
internal sealed unsafe class VcpuGate
{
    private readonly object _lock = new();
    private readonly List<(KvmVcpu Vcpu, int Thread)> _members = [];
    private int _parked;
    private bool _stopped = true;
    private bool _ended;

    /// <summary>Asked by a vCPU thread that came out of KVM_RUN with EINTR.</summary>
    public bool IsStopped
    {
        get
        {
            lock (_lock)
            {
                return _stopped;
            }
        }
    }

    /// <summary>Called first thing by each vCPU thread.</summary>
    /// <param name="vcpu">The vCPU that it runs.</param>
    /// <param name="thread">Its kernel thread identity.</param>
    public void Enter(KvmVcpu vcpu, int thread)
    {
        lock (_lock)
        {
            vcpu.Shared->ImmediateExit = _stopped ? (byte)1 : (byte)0;
            _members.Add((vcpu, thread));
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Called by a vCPU thread outside the guest: waits while the gate is closed.</summary>
    /// <returns>False if the thread is to end.</returns>
    public bool Pass()
    {
        lock (_lock)
        {
            _parked++;
            Monitor.PulseAll(_lock);
            while (_stopped && !_ended)
            {
                Monitor.Wait(_lock);
            }

            _parked--;
            return !_ended;
        }
    }

    /// <summary>Closes the gate without waiting: for vCPU threads, which would wait for themselves.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _stopped = true;
            foreach ((KvmVcpu vcpu, int thread) in _members)
            {
                // KVM reads this byte at every entry; a stale read is made good by the signal.
                Volatile.Write(ref vcpu.Shared->ImmediateExit, 1);
                KickSignal.Send(thread);
            }
        }
    }

    /// <summary>Waits until all <paramref name="count"/> threads stand outside the guest. The gate is closed.</summary>
    public void WaitUntilParked(int count)
    {
        lock (_lock)
        {
            while (_parked < count)
            {
                Monitor.Wait(_lock);
            }
        }
    }

    public void Open()
    {
        lock (_lock)
        {
            _stopped = false;
            foreach ((KvmVcpu vcpu, int _) in _members)
            {
                vcpu.Shared->ImmediateExit = 0;
            }

            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Lets every thread go to its end. They are parked.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            Monitor.PulseAll(_lock);
        }
    }
}
