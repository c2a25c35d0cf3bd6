namespace SplitVmm.HostileGpu;

/// <summary>One way to attack the peers. It ends within seconds, or waits to be killed.</summary>
internal sealed record Attack(string Name, Action<Ends> Run);
