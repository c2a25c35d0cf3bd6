using System.Text.Json;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary><c>splitvmm doctor</c> on a Debian 13 host with nested paging, udmabuf, a render node of vgem and an X server.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed class DoctorTests(LabMachine lab)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [Fact]
    public void Doctor_OnDebian13_FindsWhatIsThere()
    {
        lab.Start();
        using JsonDocument document = Examine("");
        Dictionary<string, JsonElement> findings = Findings(document);

        Assert.True(document.RootElement.GetProperty("canRun").GetBoolean(), document.RootElement.GetProperty("result").GetString());
        // No desktop is there, and that is all that is missing.
        Assert.Equal(["--display", "headless"], document.RootElement.GetProperty("options").EnumerateArray().Select(word => word.GetString()));
        Shows(findings, "kvm-device", "works", "in group kvm");
        Shows(findings, "kvm", "works", "runs Linux");
        Shows(findings, "udmabuf", "works", "/dev/udmabuf");
        Shows(findings, "render-node.renderD128", "limited", "vgem");
        Shows(findings, "virglrenderer", "works", "1.1 (libvirglrenderer.so.1.9.0), built with Venus and without DRM native contexts");
        Shows(findings, "mesa", "works", "25.0");
        Shows(findings, "user-namespaces", "works", "this user may make them");
        Shows(findings, "sandbox.gpu-process", "works", "namespaces");
        Shows(findings, "desktop", "missing", "neither DISPLAY nor WAYLAND_DISPLAY");
        Shows(findings, "context.virgl", "works", "in software");
        Shows(findings, "context.venus", "works", "--gpu blob=on,hostmem=4G,venus=on");
        Shows(findings, "context.drm-amdgpu", "missing", "a render node of amdgpu");
    }

    [Fact]
    public void Doctor_WithAnXServer_FindsTheWindow()
    {
        lab.Start();
        using JsonDocument document = Examine("Xvfb :8 -screen 0 800x600x24 >/dev/null 2>&1 & x=$!; trap 'kill $x' EXIT; export DISPLAY=:8; sleep 2;");
        Dictionary<string, JsonElement> findings = Findings(document);

        Shows(findings, "desktop", "works", "X11 at /tmp/.X11-unix/X8");
        Shows(findings, "window", "works", "video driver x11");
        Assert.Empty(document.RootElement.GetProperty("options").EnumerateArray());
    }

    private static JsonDocument Examine(string before)
    {
        RunResult result = LabMachine.Persist("doctor", () => LabMachine.Run($"{before} $HOME/dist/splitvmm doctor --json", s_limit));
        Assert.True(result.ExitStatus == 0, result.StandardOutput + result.StandardError);
        return JsonDocument.Parse(result.StandardOutput);
    }

    private static Dictionary<string, JsonElement> Findings(JsonDocument document) => document.RootElement.GetProperty("sections")
        .EnumerateArray()
        .SelectMany(section => section.GetProperty("findings").EnumerateArray())
        .ToDictionary(finding => finding.GetProperty("id").GetString()!);

    private static void Shows(Dictionary<string, JsonElement> findings, string id, string state, string text)
    {
        Assert.Equal((id, state), (id, findings[id].GetProperty("state").GetString()));
        Assert.Contains(text, findings[id].GetProperty("text").GetString(), StringComparison.Ordinal);
    }
}
