using System.Globalization;
using SplitVmm.Hosting;
using SplitVmm.Virtio.Constants;

namespace SplitVmm.VmmCore.CommandLine;

/// <summary>Reads the value of <c>--vhost-user</c>: <c>type=gpu,fd=5</c> or <c>type=blk,path=/run/disk.sock</c>.</summary>
internal static class VhostUserParser
{
    private const uint LargestDeviceId = 63;

    private const string Remedy = "write for example type=gpu,fd=5 or type=fs,path=/run/fs.sock";

    /// <summary>Null if <paramref name="text"/> is right; else what is wrong and what to write.</summary>
    public static string? Parse(string text, out VhostUserArgument? argument)
    {
        argument = null;
        VirtioDeviceId? type = null;
        int? fd = null;
        string? path = null;
        foreach (string part in text.Split(','))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? part : part[..equals];
            string value = equals < 0 ? "" : part[(equals + 1)..];
            switch (key)
            {
                case "type":
                    type = ParseType(value);
                    if (type is null)
                    {
                        return $"has the unknown type '{value}'; types are gpu, fs, blk, net or a virtio device number";
                    }

                    break;
                case "fd" when DescriptorOption.TryParse(value, out int number):
                    fd = number;
                    break;
                case "fd":
                    return $"has the descriptor '{value}'; write the number of an inherited descriptor, at least 3";
                case "path" when value.Length > 0:
                    path = value;
                    break;
                default:
                    return $"has the unknown or empty key '{key}'; {Remedy}";
            }
        }

        if (type is not { } known || fd is null == path is null)
        {
            return $"needs a type and either fd or path; {Remedy}";
        }

        argument = new VhostUserArgument(known, fd, path);
        return null;
    }

    private static VirtioDeviceId? ParseType(string text)
    {
        return text switch
        {
            "gpu" => VirtioDeviceId.Gpu,
            "fs" => VirtioDeviceId.FileSystem,
            "blk" => VirtioDeviceId.Block,
            "net" => VirtioDeviceId.Network,
            _ when uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
                && number is > 0 and <= LargestDeviceId => (VirtioDeviceId)number,
            _ => null,
        };
    }
}
