using SharpFuzz;
using SplitVmm.Fuzz;
using SplitVmm.Fuzz.Targets;

// usage: SplitVmm.Fuzz TARGET              under afl-fuzz, which tests/Fuzz/run starts
//        SplitVmm.Fuzz TARGET FILE...      with these inputs, for example findings
//        SplitVmm.Fuzz TARGET --seeds DIR  writes the inputs to begin with
// An input that makes a target throw is a defect: peers and guests never throw.
Target[] targets =
[
    DisplayTarget.Create(), VhostUserTarget.Create(), JournalTarget.Create(), VirglTarget.Create(),
    NativeTarget.Create("asahi"), NativeTarget.Create("msm"), NativeTarget.Create("amdgpu"), NativeTarget.Create("i915"),
];
if (args.Length == 0 || targets.FirstOrDefault(target => target.Name == args[0]) is not { } chosen)
{
    Console.Error.WriteLine("targets: " + string.Join(", ", targets.Select(target => target.Name)));
    return 2;
}

if (args is [_, "--seeds", var folder])
{
    _ = Directory.CreateDirectory(folder);
    int number = 0;
    foreach (byte[] seed in chosen.Seeds())
    {
        File.WriteAllBytes(Path.Combine(folder, $"seed-{number++}"), seed);
    }

    return 0;
}

foreach (string file in args.Skip(1))
{
    Console.Out.WriteLine(file);
    chosen.Run(File.ReadAllBytes(file));
}

if (args.Length == 1)
{
    Fuzzer.Run(stream =>
    {
        using var input = new MemoryStream();
        stream.CopyTo(input);
        chosen.Run(input.ToArray());
    });
}

return 0;
