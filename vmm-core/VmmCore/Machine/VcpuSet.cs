using SplitVmm.VmmCore.Boot;
using SplitVmm.VmmCore.Kvm;
using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Machine;

/// <summary>All vCPUs of a machine with their threads, stopped and started together. Used on the machine's thread.</summary>
internal sealed class VcpuSet : IDisposable
{
    private readonly VcpuGate _gate = new();
    private readonly List<Member> _members = [];
    private bool _threadsStarted;

    public VcpuSet(KvmSystem system, KvmVm vm, Hardware hardware, int count, IMachineControl machine)
    {
        KickSignal.EnsureInstalled();
        KvmCpuidEntry2[] supported = system.GetSupportedCpuid();
        bool tscDeadline = system.Check(KvmCapability.KVM_CAP_TSC_DEADLINE_TIMER) > 0;
        for (int id = 0; id < count; id++)
        {
            KvmVcpu vcpu = vm.CreateVcpu(id);
            vcpu.SetCpuid(GuestCpuid.Build(supported, id, count, vcpu.GetTscKhz(), tscDeadline));
            var thread = new VcpuThread(vcpu, _gate, hardware.MemoryBus, hardware.PortBus, machine, hardware.TryRepairWindows);
            _members.Add(new Member(vcpu, new VcpuPowerOnState(vcpu), thread));
        }
    }

    /// <summary>Accesses to devices since the last <see cref="Reset"/>, all vCPUs.</summary>
    public long DeviceAccesses => _members.Sum(static member => member.Thread.DeviceAccesses);

    /// <summary>Back to power-on, the first vCPU at the entry of a kernel. All are stopped.</summary>
    public void Reset(VcpuEntry entry)
    {
        foreach (Member member in _members)
        {
            member.PowerOn.Restore(member.Vcpu);
            _ = MsrList.Write(member.Vcpu, member.PowerOn.BootMsrs);
            member.Thread.ResetDeviceAccesses();
        }

        KvmVcpu first = _members[0].Vcpu;
        first.SetSregs(entry.ApplyTo(_members[0].PowerOn.Sregs));
        first.SetRegs(entry.Regs);
    }

    /// <summary>Lets the vCPUs run.</summary>
    public void Run()
    {
        if (!_threadsStarted)
        {
            _threadsStarted = true;
            _members.ForEach(static member => member.Thread.Start());
        }

        _gate.Open();
    }

    /// <summary>Stops the vCPUs and waits until none is in the guest or in a device.</summary>
    public void Stop()
    {
        _gate.Close();
        if (_threadsStarted)
        {
            _gate.WaitUntilParked(_members.Count);
        }
    }

    /// <summary>Tells them to stop without waiting. From any thread.</summary>
    public void BeginStop() => _gate.Close();

    /// <summary>The guest's clock learns that it stood still on purpose. All are stopped.</summary>
    public void NotifyPaused() => _members.ForEach(static member => member.Vcpu.NotifyPaused());

    public void Dispose()
    {
        Stop();
        _gate.End();
        foreach (Member member in _members)
        {
            if (_threadsStarted)
            {
                member.Thread.Join();
            }

            member.Vcpu.Dispose();
        }
    }

    private sealed record Member(KvmVcpu Vcpu, VcpuPowerOnState PowerOn, VcpuThread Thread);
}
