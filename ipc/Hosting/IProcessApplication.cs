namespace SplitVmm.Hosting;

/// <summary>What one of the processes does, from its options to its exit status.</summary>
public interface IProcessApplication : IDisposable
{
    /// <summary>Serves until <see cref="RequestEnd"/> or until its own work ends. Called once, on a thread that is its own.</summary>
    /// <returns>The exit status; a failure has been reported in one line.</returns>
    int Run();

    /// <summary>Ends <see cref="Run"/> in good order. From any thread, also before <see cref="Run"/>.</summary>
    void RequestEnd();
}
