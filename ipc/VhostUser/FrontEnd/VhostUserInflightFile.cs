using SplitVmm.Platform.Descriptors;
using SplitVmm.VhostUser.Messages;

namespace SplitVmm.VhostUser.FrontEnd;

/// <summary>An in-flight table that a back end made and a front end keeps over the back end's death.</summary>
/// <param name="Description">As the back end described it.</param>
/// <param name="File">Its memory.</param>
public sealed record VhostUserInflightFile(VhostUserInflight Description, Descriptor File) : IDisposable
{
    public void Dispose() => File.Dispose();
}
