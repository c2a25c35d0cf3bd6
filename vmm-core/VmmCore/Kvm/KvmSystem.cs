using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.VmmCore.Interop;
using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Kvm;

/// <summary><c>/dev/kvm</c>: what this host's KVM can do, and where virtual machines come from.</summary>
public sealed unsafe class KvmSystem : IDisposable
{
    public const string DefaultDevice = "/dev/kvm";

    private const int KVM_API_VERSION = 12;

    // KVM_MAX_CPUID_ENTRIES of Linux is 256; there are never so many.
    private const int MaximumCpuidEntries = 256;

    private static readonly KvmCapability[] s_required =
    [
        KvmCapability.KVM_CAP_IRQCHIP,
        KvmCapability.KVM_CAP_USER_MEMORY,
        KvmCapability.KVM_CAP_SET_TSS_ADDR,
        KvmCapability.KVM_CAP_SET_IDENTITY_MAP_ADDR,
        KvmCapability.KVM_CAP_EXT_CPUID,
        KvmCapability.KVM_CAP_MP_STATE,
        KvmCapability.KVM_CAP_IRQ_ROUTING,
        KvmCapability.KVM_CAP_IRQFD,
        KvmCapability.KVM_CAP_IOEVENTFD,
        KvmCapability.KVM_CAP_IOEVENTFD_ANY_LENGTH,
        KvmCapability.KVM_CAP_VCPU_EVENTS,
        KvmCapability.KVM_CAP_DEBUGREGS,
        KvmCapability.KVM_CAP_XSAVE,
        KvmCapability.KVM_CAP_XCRS,
        KvmCapability.KVM_CAP_IMMEDIATE_EXIT,
    ];

    private readonly Descriptor _kvm;

    private KvmSystem(Descriptor kvm)
    {
        _kvm = kvm;
        RunMappingSize = Checked(Libc.ioctl(kvm, KvmIoctl.KVM_GET_VCPU_MMAP_SIZE, 0), "ioctl(KVM_GET_VCPU_MMAP_SIZE)");
        int maximum = Check(KvmCapability.KVM_CAP_MAX_VCPUS);
        MaximumVcpus = Math.Min(maximum > 0 ? maximum : Check(KvmCapability.KVM_CAP_NR_VCPUS), XapicIds);
    }

    /// <summary>Most vCPUs of one virtual machine: KVM's limit, and the 255 identities of an xAPIC less broadcast.</summary>
    public int MaximumVcpus { get; }

    /// <summary>Bytes to map of a vCPU descriptor.</summary>
    internal int RunMappingSize { get; }

    // Identity 0xFF is the broadcast; more need x2APIC identities and interrupt remapping.
    private const int XapicIds = 255;

    /// <summary>Opens the device and checks the version and every capability that vmm-core stands on.</summary>
    /// <exception cref="HostUnfitException">There is no usable KVM; the message says why and what to do.</exception>
    public static KvmSystem Open(string device = DefaultDevice)
    {
        int fd = Libc.open(device, Libc.O_RDWR | Libc.O_CLOEXEC);
        if (fd < 0)
        {
            throw Unopenable(device, Marshal.GetLastPInvokeError());
        }

        var kvm = new Descriptor(fd);
        try
        {
            int version = Libc.ioctl(kvm, KvmIoctl.KVM_GET_API_VERSION, 0);
            if (version != KVM_API_VERSION)
            {
                throw new HostUnfitException(version < 0
                    ? $"{device} is not a KVM device: check that the kernel modules kvm_intel or kvm_amd are loaded"
                    : $"{device} speaks KVM API version {version}, needed is {KVM_API_VERSION}: update the host's kernel");
            }

            var system = new KvmSystem(kvm);
            foreach (KvmCapability capability in s_required)
            {
                if (system.Check(capability) <= 0)
                {
                    throw new HostUnfitException(
                        $"{device} lacks {capability}, which vmm-core needs: use a host with Linux 5.10 or newer on x86-64");
                }
            }

            return system;
        }
        catch
        {
            kvm.Dispose();
            throw;
        }
    }

    /// <summary>The value of a capability; 0 if KVM does not have it.</summary>
    public int Check(KvmCapability capability)
    {
        int value = Libc.ioctl(_kvm, KvmIoctl.KVM_CHECK_EXTENSION, (nint)capability);
        return Math.Max(value, 0);
    }

    public KvmVm CreateVm()
    {
        // The argument is the machine type: 0 is the only one of x86-64.
        int fd = Libc.ioctl(_kvm, KvmIoctl.KVM_CREATE_VM, 0);
        return new KvmVm(this, new Descriptor(Checked(fd, "ioctl(KVM_CREATE_VM)")));
    }

    public void Dispose() => _kvm.Dispose();

    internal static int Checked(int result, string call) =>
        result >= 0 ? result : throw ErrnoException.FromLastError(call);

    /// <summary>CPUID as KVM can show it to a guest on this host, before the parts that differ by vCPU.</summary>
    internal KvmCpuidEntry2[] GetSupportedCpuid()
    {
        var buffer = new byte[8 + (MaximumCpuidEntries * sizeof(KvmCpuidEntry2))];
        fixed (byte* start = buffer)
        {
            // KVM writes at most as many entries as the header says there is room for.
            *(uint*)start = MaximumCpuidEntries;
            Checked(Libc.ioctl(_kvm, KvmIoctl.KVM_GET_SUPPORTED_CPUID, start), "ioctl(KVM_GET_SUPPORTED_CPUID)");
            int count = (int)Math.Min(*(uint*)start, MaximumCpuidEntries);
            return new ReadOnlySpan<KvmCpuidEntry2>(start + 8, count).ToArray();
        }
    }

    /// <summary>The model-specific registers that make up the state of a guest.</summary>
    internal uint[] GetMsrIndices()
    {
        uint none = 0;
        // With no room KVM fails with E2BIG and says how many there are.
        _ = Libc.ioctl(_kvm, KvmIoctl.KVM_GET_MSR_INDEX_LIST, &none);
        var buffer = new uint[1 + none];
        fixed (uint* start = buffer)
        {
            *start = none;
            Checked(Libc.ioctl(_kvm, KvmIoctl.KVM_GET_MSR_INDEX_LIST, start), "ioctl(KVM_GET_MSR_INDEX_LIST)");
            return buffer[1..(1 + (int)Math.Min(*start, none))];
        }
    }

    private static HostUnfitException Unopenable(string device, int errno) => errno switch
    {
        Errno.ENOENT => new HostUnfitException(
            $"{device} does not exist: switch on virtualisation (VT-x or AMD-V) in the firmware, then 'sudo modprobe kvm_intel' or 'sudo modprobe kvm_amd'"),
        Errno.EACCES or Errno.EPERM => new HostUnfitException(
            $"no permission to open {device}: add yourself to group kvm with 'sudo usermod -aG kvm $USER' and log in again"),
        Errno.ENODEV or NoSuchDeviceOrAddress => new HostUnfitException(
            $"{device} has no driver behind it: switch on virtualisation (VT-x or AMD-V) in the firmware, then load kvm_intel or kvm_amd"),
        _ => new HostUnfitException($"{device} cannot be used", new ErrnoException("open", errno, device)),
    };

    private const int NoSuchDeviceOrAddress = 6;
}
