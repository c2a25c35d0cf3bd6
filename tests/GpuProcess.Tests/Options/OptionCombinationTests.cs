using SplitVmm.GpuProcess.Options;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Options;

/// <summary>
/// Every combination of the keys that decide what a guest is offered, against the rules as docs/gpu.md tells them: what
/// is asked for twice must agree, and contexts that map memory of the host need blobs and a window.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class OptionCombinationTests
{
    private static readonly (string Key, string?[] Values)[] s_keys =
    [
        ("virgl", [null, "on", "off"]),
        ("blob", [null, "on", "off"]),
        ("hostmem", [null, "256M", "3G"]),
        ("venus", [null, "on", "off"]),
        ("drm_native_context", [null, "on", "off"]),
        ("context-types", [null, "virgl", "virgl2", "virgl:virgl2", "venus", "drm", "virgl2:venus", "virgl2:drm", "venus:drm", "virgl:virgl2:venus:drm"]),
    ];

    [Fact]
    public void Parse_EveryCombination_IsTakenOrRefusedByTheRules()
    {
        int taken = 0;
        int refused = 0;
        foreach (Dictionary<string, string> given in Combinations(s_keys))
        {
            string text = string.Join(',', given.Select(entry => $"{entry.Key}={entry.Value}"));
            GpuOptions? options = GpuOptionsParser.Parse(text, out string? error);
            string? key = Offender(given);
            if (key is null)
            {
                Assert.True(error is null, $"{text}: {error}");
                Assert.Equal(Offered(given), options!.Offered);
                taken++;
            }
            else
            {
                Assert.True(error is not null, $"{text} was taken");
                Assert.Contains(key, error, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', error);
                refused++;
            }
        }

        Assert.Equal(s_keys.Aggregate(1, (count, key) => count * key.Values.Length), taken + refused);
        Assert.True(taken > 100 && refused > 100, $"{taken} taken, {refused} refused");
    }

    /// <summary>The key that the refusal names; null: all is well.</summary>
    private static string? Offender(Dictionary<string, string> given)
    {
        if (given.GetValueOrDefault("hostmem") == "3G")
        {
            return "hostmem";
        }

        if (given.TryGetValue("context-types", out string? types))
        {
            foreach ((string name, string key) in ((string, string)[])[("virgl", "virgl"), ("venus", "venus"), ("drm", "drm_native_context")])
            {
                if (given.TryGetValue(key, out string? value) && (value == "on") != types.Contains(name, StringComparison.Ordinal))
                {
                    return key;
                }
            }
        }

        bool blob = given.GetValueOrDefault("blob") == "on";
        bool window = given.ContainsKey("hostmem");
        if (window && !blob)
        {
            return "hostmem";
        }

        return (Offered(given) & (ContextTypes.Venus | ContextTypes.Drm)) != 0 && !window ? "blob=on,hostmem=SIZE" : null;
    }

    private static ContextTypes Offered(Dictionary<string, string> given)
    {
        if (given.TryGetValue("context-types", out string? types))
        {
            return types.Split(':').Aggregate(ContextTypes.None, (all, name) => all | Enum.Parse<ContextTypes>(name, ignoreCase: true));
        }

        return (given.GetValueOrDefault("virgl") == "off" ? ContextTypes.None : ContextTypes.Virgl | ContextTypes.Virgl2)
            | (given.GetValueOrDefault("venus") == "on" ? ContextTypes.Venus : ContextTypes.None)
            | (given.GetValueOrDefault("drm_native_context") == "on" ? ContextTypes.Drm : ContextTypes.None);
    }

    private static IEnumerable<Dictionary<string, string>> Combinations((string Key, string?[] Values)[] keys) => keys.Length == 0
        ? [[]]
        : Combinations(keys[1..]).SelectMany(_ => keys[0].Values, (rest, value) => value is null
            ? rest
            : new Dictionary<string, string>(rest) { [keys[0].Key] = value });
}
