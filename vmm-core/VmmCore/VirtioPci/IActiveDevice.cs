namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>A device that a driver runs: from DRIVER_OK until reset.</summary>
public interface IActiveDevice
{
    /// <summary>
    /// Gives the queues back to the driver. When it returns, nobody touches them or signals their lines any more
    /// (virtio 1.3 section 2.4). Called once.
    /// </summary>
    void Deactivate();
}
