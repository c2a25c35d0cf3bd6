using System.Diagnostics.CodeAnalysis;

namespace SplitVmm.GpuProcess.Native.Devices;

/// <summary>A render node.</summary>
internal interface IDrmDevice : IDisposable
{
    /// <summary>For people: a path, and the driver.</summary>
    string Description { get; }

    /// <summary>DRM_IOCTL_VERSION.</summary>
    DrmDriverVersion Version { get; }

    /// <summary>Null: the GPU is not on PCI.</summary>
    PciIdentity? Pci { get; }

    /// <summary>Gives an open file description with nothing in it.</summary>
    /// <returns>False: there is none to be had now.</returns>
    bool TryOpen([NotNullWhen(true)] out IDrmFile? file);

    /// <summary>Takes a file back that <see cref="TryOpen"/> gave.</summary>
    /// <param name="isEmpty">All that was made in it has been undone, so that it may serve another context.</param>
    void Return(IDrmFile file, bool isEmpty);
}
