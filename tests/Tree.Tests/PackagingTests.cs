using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Tree.Tests;

/// <summary>The tools under packaging/: their own tests, and what can be said of the recipes without building one.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class PackagingTests
{
    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(2);

    [Fact]
    public void LabLogic_PassesItsOwnTests()
    {
        string python = Needs.Program("python3", "python3");

        RunResult result = ChildProgram.Run(
            python,
            ["-B", "-m", "unittest", "discover", "-t", SourceTree.Path("packaging"), SourceTree.Path("packaging", "labvm")],
            Enough);

        Assert.True(result.ExitStatus == 0, result.StandardError);
        Assert.Matches(@"Ran [1-9]\d* tests", result.StandardError);
    }

    [Fact]
    public void EveryRecipe_HasAHashOfItsOwnFiles()
    {
        string[] names = Image("--list");
        string[] hashes = [.. names.Select(name => Image(name, "--inputs")[^1])];

        Assert.Contains("guest", names);
        Assert.Equal(names.Length, hashes.Distinct().Count());
        Assert.All(hashes, hash => Assert.Matches("^[0-9a-f]{12}$", hash));
    }

    [Fact]
    public void RecipeHash_CoversTheSharedPartsItUses()
    {
        string[] inputs = Image("guest", "--inputs");

        Assert.Superset(
            new HashSet<string> { "guest/init", "guest/assemble", "lib/kernel.bash", "lib/closure.bash", "lib/options.bash" },
            new HashSet<string>(inputs));
        Assert.DoesNotContain("lib/gpu-runtime.bash", inputs);
    }

    [Theory]
    [InlineData("nonesuch")]
    [InlineData("--nonesuch")]
    [InlineData("guest", "lab")]
    public void Image_WrongArguments_FailWithARemedy(params string[] arguments)
    {
        RunResult result = ChildProgram.Run(SourceTree.Path("packaging", "image"), arguments, Enough);

        Assert.NotEqual(0, result.ExitStatus);
        Assert.Contains("remedy:", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryScript_PassesShellcheck()
    {
        string shellcheck = Needs.Program("shellcheck", "shellcheck");
        string[] scripts =
        [
            .. TrackedFiles.All.Where(path => path.StartsWith("packaging/", StringComparison.Ordinal) && IsBash(path)),
        ];

        Assert.NotEmpty(scripts);
        RunResult result = ChildProgram.Run(
            shellcheck, ["--external-sources", "--source-path", SourceTree.Root, "--severity", "warning", .. scripts], Enough);
        Assert.True(result.ExitStatus == 0, result.StandardOutput);
    }

    // A script for another shell, as the guest's busybox, does as it must there.
    private static bool IsBash(string path) =>
        path.EndsWith(".bash", StringComparison.Ordinal)
        || File.ReadLines(SourceTree.Path(path)).FirstOrDefault() is "#!/bin/bash" or "#!/usr/bin/env bash";

    private static string[] Image(params string[] arguments)
    {
        RunResult result = ChildProgram.Run(SourceTree.Path("packaging", "image"), arguments, Enough);
        Assert.True(result.ExitStatus == 0, result.StandardError);
        return result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
