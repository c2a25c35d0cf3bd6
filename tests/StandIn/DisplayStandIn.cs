using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.StandIn;

/// <summary>A "window" that shows one frame, and may be closed.</summary>
internal sealed class DisplayStandIn(Script script) : StandInProcess<DisplayReport, DisplayCommand>(script)
{
    protected override ControlConnection<DisplayReport, DisplayCommand> Attach(
        Descriptor socket, ControlClientOptions<DisplayCommand> options) => ControlClient.AttachDisplay(socket, options);

    protected override void OnAttached() =>
        Control.Report(new DisplayReport { Backend = new BackendInfo { Backend = "headless", Transport = "memfd" } });

    protected override void OnRunning()
    {
        _ = Control.Report(new DisplayReport { FirstFrame = new FirstFrame { Width = 640, Height = 480 } });
        _ = Control.Report(new DisplayReport
        {
            Consoles = new ConsoleReport { Lights = 2, Sizes = { new ConsoleSize { Width = 640, Height = 480 }, new ConsoleSize { Width = 320, Height = 200 } } },
        });
        _ = Control.Report(new DisplayReport { Statistics = new DisplayStatistics { Frames = 9, Width = 640, Height = 480 } });
        if (Script.Reach("running") == "close")
        {
            _ = Control.Report(new DisplayReport { CloseRequested = new CloseRequested() });
        }
    }

    protected override void OnCommand(DisplayCommand command)
    {
        switch (command.KindCase)
        {
            case DisplayCommand.KindOneofCase.Screenshot:
                File.WriteAllBytes(command.Screenshot.Path, PictureOf((byte)command.Screenshot.Head));
                Control.Reply(command);
                break;
            case DisplayCommand.KindOneofCase.ViewerInput:
                Console.Error.WriteLine($"display-process: {command.ViewerInput}");
                Control.Reply(command, command.ViewerInput.Key is { Number: 0 } ? "there is no key 0" : null);
                break;
            case DisplayCommand.KindOneofCase.ViewerSize:
                Console.Error.WriteLine($"display-process: {command.ViewerSize}");
                Control.Reply(command);
                break;
            case DisplayCommand.KindOneofCase.Raise:
                Console.Error.WriteLine("display-process: raised");
                Control.Reply(command);
                break;
        }
    }

    // 64x48 pixels of one colour, whose red is the head's number, as PNG without checksums.
    private static byte[] PictureOf(byte head)
    {
        byte[] header = [0, 0, 0, 64, 0, 0, 0, 48, 8, 2, 0, 0, 0];
        byte[] row = [0, .. Enumerable.Repeat<byte[]>([head, 0x80, 0xFF], 64).SelectMany(pixel => pixel)];
        var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < 48; y++)
            {
                zlib.Write(row);
            }
        }

        return [0x89, .. "PNG\r\n\x1A\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", data.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        return [.. length, .. Encoding.ASCII.GetBytes(type), .. data, 0, 0, 0, 0];
    }
}
