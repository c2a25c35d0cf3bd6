using SplitVmm.Platform.Descriptors;
using SplitVmm.VhostUser.Messages;

namespace SplitVmm.VhostUser.FrontEnd;

/// <summary>What a back end tells its front end. Called on the event loop's thread.</summary>
public interface IVhostUserFrontEndEvents
{
    /// <summary>The device's configuration space has changed (CONFIG_CHANGE_MSG): the guest wants a configuration interrupt.</summary>
    void ConfigChanged();

    /// <summary>
    /// SHMEM_MAP: a part of a file is to be mapped into a shared memory region of the device. The answer goes back as
    /// soon as this returns.
    /// </summary>
    /// <param name="range">As the back end sent it: nothing of it is checked.</param>
    /// <param name="file">Whatever the back end sent; closed by the caller afterwards.</param>
    /// <returns>False to refuse.</returns>
    bool MapSharedMemory(in VhostUserMMap range, Descriptor file) => false;

    /// <summary>SHMEM_UNMAP: such a mapping is to go.</summary>
    /// <param name="range">As the back end sent it; its file offset and flags mean nothing.</param>
    /// <returns>False to refuse.</returns>
    bool UnmapSharedMemory(in VhostUserMMap range) => false;

    /// <summary>
    /// The connection is lost, for the reason given in one line. Called once; every request fails from then on.
    /// The device can go on only with a new connection.
    /// </summary>
    void ConnectionLost(string reason);
}
