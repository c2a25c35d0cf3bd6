namespace SplitVmm.VmmCore.Tests.Boot;

/// <summary>A file for one test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(byte[] content) => File.WriteAllBytes(Path, content);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"splitvmm-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(Path);
}
