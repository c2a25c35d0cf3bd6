using System.Diagnostics.CodeAnalysis;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>Tells what the code above a device allocates on this thread from what the device of software does, in place of a kernel.</summary>
internal sealed unsafe class AllocationMeter(IDrmDevice inner) : IDrmDevice
{
    private long _inside;

    /// <summary>Bytes, all that was allocated outside the device.</summary>
    public long Outside => GC.GetAllocatedBytesForCurrentThread() - _inside;

    public string Description => inner.Description;

    public DrmDriverVersion Version => inner.Version;

    public PciIdentity? Pci => inner.Pci;

    public bool TryOpen([NotNullWhen(true)] out IDrmFile? file)
    {
        file = inner.TryOpen(out IDrmFile? opened) ? new MeteredFile(this, opened) : null;
        return file is not null;
    }

    public void Return(IDrmFile file, bool isEmpty) => inner.Return(((MeteredFile)file).Inner, isEmpty);

    public void Dispose() => inner.Dispose();

    private sealed class MeteredFile(AllocationMeter meter, IDrmFile file) : IDrmFile
    {
        public IDrmFile Inner => file;

        public int Ioctl(uint number, void* argument)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int result = file.Ioctl(number, argument);
            meter._inside += GC.GetAllocatedBytesForCurrentThread() - before;
            return result;
        }

        public int Ioctl(Descriptor descriptor, uint number, void* argument)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int result = file.Ioctl(descriptor, number, argument);
            meter._inside += GC.GetAllocatedBytesForCurrentThread() - before;
            return result;
        }

        public void Dispose() => file.Dispose();
    }
}
