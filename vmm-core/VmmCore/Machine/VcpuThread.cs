using SplitVmm.Platform.Errors;
using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Interop;
using SplitVmm.VmmCore.Kvm;
using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Machine;

/// <summary>The thread that runs one vCPU and serves its exits. Nothing in the loop allocates.</summary>
internal sealed unsafe class VcpuThread
{
    private readonly KvmVcpu _vcpu;
    private readonly VcpuGate _gate;
    private readonly AddressBus _memory;
    private readonly AddressBus _ports;
    private readonly IMachineControl _machine;
    private readonly Func<bool> _repairMemory;
    private readonly Thread _thread;
    private long _deviceAccesses;

    /// <param name="repairMemory">
    /// Asked when the host could not provide memory that the guest touched. False: nothing was done about it.
    /// </param>
    public VcpuThread(
        KvmVcpu vcpu, VcpuGate gate, AddressBus memory, AddressBus ports, IMachineControl machine, Func<bool> repairMemory)
    {
        _vcpu = vcpu;
        _gate = gate;
        _memory = memory;
        _ports = ports;
        _machine = machine;
        _repairMemory = repairMemory;
        _thread = new Thread(Loop) { Name = $"vcpu-{vcpu.Id}", IsBackground = true };
    }

    /// <summary>Accesses to devices that this vCPU made since <see cref="ResetDeviceAccesses"/>.</summary>
    public long DeviceAccesses => Volatile.Read(ref _deviceAccesses);

    /// <summary>The vCPU is stopped.</summary>
    public void ResetDeviceAccesses() => Volatile.Write(ref _deviceAccesses, 0);

    public void Start() => _thread.Start();

    public void Join() => _thread.Join();

    private void Loop()
    {
        _gate.Enter(_vcpu, Libc.gettid());
        while (_gate.Pass())
        {
            try
            {
                RunUntilStopped();
            }
            catch (Exception error)
            {
                // A device's host fault must end the machine with a report, not the process with a stack trace.
                Crash($"serving vCPU {_vcpu.Id} failed: {error.Message}", error.ToString());
            }
        }
    }

    private void RunUntilStopped()
    {
        bool repaired = false;
        while (true)
        {
            int errno = _vcpu.Run();
            if (errno == 0)
            {
                repaired = false;
                if (!Serve(_vcpu.Shared))
                {
                    return;
                }
            }
            else if (errno == Errno.EINTR)
            {
                // Signals of the .NET runtime end here, too.
                if (_gate.IsStopped)
                {
                    return;
                }
            }
            else if (errno == Errno.EFAULT && !repaired && _repairMemory())
            {
                // KVM does not say where. If it happens again at once, it was somewhere else.
                repaired = true;
            }
            else if (errno != Errno.EAGAIN)
            {
                // EAGAIN: a vCPU that waits to be started was woken without being started.
                Crash(DescribeRunError(errno), VcpuReport.Describe(_vcpu));
                return;
            }
        }
    }

    /// <returns>False if the vCPU cannot go on.</returns>
    private bool Serve(KvmRun* run)
    {
        switch (run->ExitReason)
        {
            case KvmExitReason.KVM_EXIT_IO:
                // Only this thread writes the counters.
                Volatile.Write(ref _deviceAccesses, _deviceAccesses + 1);
                ServePort(run->Io);
                return true;
            case KvmExitReason.KVM_EXIT_MMIO:
                Volatile.Write(ref _deviceAccesses, _deviceAccesses + 1);
                ServeMemory(ref run->Mmio);
                return true;
            case KvmExitReason.KVM_EXIT_IRQ_WINDOW_OPEN:
            case KvmExitReason.KVM_EXIT_INTR:
                return true;
            case KvmExitReason.KVM_EXIT_SHUTDOWN:
                _machine.ReportTripleFault(_vcpu);
                return false;
            case KvmExitReason.KVM_EXIT_SYSTEM_EVENT when run->SystemEvent.Type == KvmRun.SystemEventExit.KVM_SYSTEM_EVENT_SHUTDOWN:
                _machine.RequestPowerOff();
                return false;
            case KvmExitReason.KVM_EXIT_SYSTEM_EVENT when run->SystemEvent.Type == KvmRun.SystemEventExit.KVM_SYSTEM_EVENT_RESET:
                _machine.RequestReset();
                return false;
            default:
                Crash(VcpuReport.DescribeExit(_vcpu), VcpuReport.Describe(_vcpu));
                return false;
        }
    }

    private void ServePort(in KvmRun.IoExit io)
    {
        // The bytes of a string instruction follow one another.
        Span<byte> data = _vcpu.IoData(io);
        for (int at = 0; at < data.Length; at += io.Size)
        {
            Span<byte> item = data.Slice(at, io.Size);
            if (io.Direction == KvmRun.IoExit.KVM_EXIT_IO_OUT)
            {
                _ports.Write(io.Port, item);
            }
            else
            {
                _ports.Read(io.Port, item);
            }
        }
    }

    private void ServeMemory(ref KvmRun.MmioExit mmio)
    {
        // KVM never asks for more than the 8 bytes that the exit has room for.
        fixed (byte* bytes = mmio.Data)
        {
            var data = new Span<byte>(bytes, (int)Math.Min(mmio.Length, 8));
            if (mmio.IsWrite != 0)
            {
                _memory.Write(mmio.PhysicalAddress, data);
            }
            else
            {
                _memory.Read(mmio.PhysicalAddress, data);
            }
        }
    }

    private string DescribeRunError(int errno)
    {
        string error = new ErrnoException("ioctl(KVM_RUN)", errno, $"vCPU {_vcpu.Id}").Message;
        return errno == Errno.EFAULT ? $"{error}: the guest touched memory that the host could not provide" : error;
    }

    private void Crash(string summary, string details) => _machine.ReportCrash(new CrashReport(summary, details));
}
