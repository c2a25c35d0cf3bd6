using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Doctor;

/// <summary>virglrenderer and Mesa of Debian, asked by the real gpu-process in its cage.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class GpuRuntimeTests
{
    [Theory]
    [InlineData("gpu-runtime-trixie", "1.1 (libvirglrenderer.so.1.9.0)", "25.0")]
    [InlineData("gpu-runtime-forky", "1.3 (libvirglrenderer.so.1.11.0)", "26.")]
    public void Doctor_OfARuntime_AsksItsLibraries(string image, string virglrenderer, string mesa)
    {
        _ = Needs.Program("bwrap", "bubblewrap");
        string root = Path.Combine(Needs.Image(image), "root");

        DoctorRun run = DoctorRun.Of([], "--gpu-runtime", root);

        run.Shows("virglrenderer", "works", virglrenderer + ", built with Venus and without DRM native contexts");
        run.Shows("mesa", "works", mesa);
        run.Shows("context.virgl", "works", "drawn by");
        run.Shows("venus-server", "works", root + "/usr/libexec/virgl_render_server");
        run.Shows("vulkan-driver", "works", "lvp");
        Assert.Equal(root, run.Root.GetProperty("gpuRuntime").GetString());
    }

    [Fact]
    public void Doctor_RootWithoutVirglrenderer_SaysSo()
    {
        _ = Needs.Program("bwrap", "bubblewrap");
        string root = Path.Combine(Needs.Image("gpu-runtime-trixie"), "root");
        string folder = Directory.CreateTempSubdirectory("splitvmm-doctor-").FullName;
        try
        {
            // A root with the C library alone.
            string libraries = Directory.CreateDirectory(Path.Combine(folder, "usr", "lib", "x86_64-linux-gnu")).FullName;
            foreach (string name in (string[])["libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "ld-linux-x86-64.so.2", "libdl.so.2", "libpthread.so.0", "librt.so.1"])
            {
                string source = Path.Combine(root, "usr", "lib", "x86_64-linux-gnu", name);
                if (File.Exists(source))
                {
                    File.Copy(source, Path.Combine(libraries, name));
                }
            }

            Directory.CreateDirectory(Path.Combine(folder, "usr", "lib64"));
            foreach (string made in (string[])["dev", "run", "tmp", "proc"])
            {
                Directory.CreateDirectory(Path.Combine(folder, made));
            }

            File.CreateSymbolicLink(Path.Combine(folder, "lib"), "usr/lib");
            File.CreateSymbolicLink(Path.Combine(folder, "lib64"), "usr/lib64");
            File.CreateSymbolicLink(Path.Combine(folder, "usr", "lib64", "ld-linux-x86-64.so.2"), "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");

            DoctorRun run = DoctorRun.Of([], "--gpu-runtime", folder);

            run.Shows("virglrenderer", "missing", "libvirglrenderer.so.1 is not installed");
            run.Shows("context.virgl", "missing", "libvirglrenderer.so.1, which is not installed");
            run.Shows("context.2d", "works", "virgl=off");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
