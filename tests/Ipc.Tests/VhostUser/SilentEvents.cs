using SplitVmm.VhostUser.FrontEnd;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>For tests that look elsewhere.</summary>
internal sealed class SilentEvents : IVhostUserFrontEndEvents
{
    public void ConfigChanged()
    {
    }

    public void ConnectionLost(string reason)
    {
    }
}
