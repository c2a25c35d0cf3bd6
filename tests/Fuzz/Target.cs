namespace SplitVmm.Fuzz;

/// <summary>Code that takes bytes of somebody who is not trusted.</summary>
/// <param name="Name">As the command line has it.</param>
/// <param name="Seeds">Inputs that get far, to begin with. Not made unless asked for: instrumented code runs under the fuzzer only.</param>
/// <param name="Run">Takes one input; whatever it throws is a defect.</param>
internal sealed record Target(string Name, Func<byte[][]> Seeds, Action<byte[]> Run);
