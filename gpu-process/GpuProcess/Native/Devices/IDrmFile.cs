using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Native.Devices;

/// <summary>
/// An open file description of a render node: GEM handles, address spaces and queues belong to it and end with it. Behind
/// it is the kernel, or in tests a device of software.
/// </summary>
internal unsafe interface IDrmFile : IDisposable
{
    /// <summary>An ioctl of the node.</summary>
    /// <param name="argument">Of the size that the number says; checked before.</param>
    /// <returns>0, or a positive errno.</returns>
    int Ioctl(uint number, void* argument);

    /// <summary>An ioctl of a dma-buf or a sync file that this file has given out.</summary>
    /// <returns>0, or a positive errno.</returns>
    int Ioctl(Descriptor file, uint number, void* argument);
}
