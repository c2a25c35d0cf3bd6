using System.Text;
using SplitVmm.DesktopService.Definitions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Documents;

/// <summary>
/// docs/machines.md has the table of keys that definitions are read by. With <c>SPLITVMM_UPDATE_DOCS=1</c> this test
/// writes it there.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class MachinesPageTests
{
    [Fact]
    public void Keys_OnThePage_AreThoseOfTheReader() => GeneratedPart.Check("docs/machines.md", "keys", Table());

    private static string Table()
    {
        var text = new StringBuilder("| key | takes | without it | |\n|---|---|---|---|\n");
        string table = "";
        foreach (DefinitionKey key in DefinitionKeys.All)
        {
            if (key.Table != table)
            {
                table = key.Table;
                _ = text.Append("| **`[").Append(table).Append("]`** | | | |\n");
            }

            _ = text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| `{key.Name}` | {key.Takes} | {key.Default} | {key.Meaning} |\n");
        }

        return text.ToString();
    }
}
