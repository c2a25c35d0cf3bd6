using SplitVmm.GpuProcess.Hosting;
using SplitVmm.Hosting;
using SplitVmm.Sandbox;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Drivers;
using SplitVmm.SoftwareDrm.Sessions;

// usage: gpu-software [the options of gpu-process]
// gpu-process on a GPU of software instead of a render node: which kernel driver it has is the word in GPU_SOFTWARE_DRIVER.
// While there is a file of the name in GPU_SOFTWARE_STUCK, its work does not come to an end.
// What guests ask of native contexts is written to the file in GPU_SOFTWARE_RECORD, which takes that there is no cage.
// gpu-process itself cannot be told to use such a device.
if (!ProcessSandbox.TryEnter(ref args, out ProcessSandbox sandbox))
{
    return ExitStatus.HostUnfit;
}

SoftwareDrmDevice? device = Environment.GetEnvironmentVariable("GPU_SOFTWARE_DRIVER") switch
{
    "asahi" => SoftwareAsahi.CreateDevice(),
    "msm" => SoftwareMsm.CreateDevice(),
    "amdgpu" => SoftwareAmdgpu.CreateDevice(),
    "i915" => SoftwareI915.CreateDevice(),
    _ => null,
};
if (device is null)
{
    Console.Error.WriteLine("GPU_SOFTWARE_DRIVER is none of asahi, msm, amdgpu and i915");
    return ExitStatus.WrongUsage;
}

if (Environment.GetEnvironmentVariable("GPU_SOFTWARE_STUCK") is { } stuck)
{
    device.Fails = _ =>
    {
        device.Completion = File.Exists(stuck) ? Completion.ByHand : Completion.AtOnce;
        return 0;
    };
}

GpuProcessOptions? options = CommandLine.Parse(args, out int exitStatus);
if (options is null)
{
    return exitStatus;
}

// Work takes a moment, as it does on a GPU.
device.Completion = Completion.Later;
options = options with { NativeDevice = device, Sandbox = sandbox };
if (Environment.GetEnvironmentVariable("GPU_SOFTWARE_RECORD") is { Length: > 0 } record)
{
    options = options with { NativeRecorder = renderer => new RecordingRenderer(renderer, File.Create(record)) };
}

using var application = new GpuApplication(options, Console.Error.WriteLine);
return application.Run();
