using System.Globalization;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.StandIn;

/// <summary>Descriptors by their numbers on the command line.</summary>
internal static class InheritedDescriptor
{
    /// <summary>The descriptor that an option names; null: there is no such option.</summary>
    public static Descriptor? Find(string[] arguments, string option)
    {
        int at = Array.IndexOf(arguments, option);
        return at < 0
            ? null
            : Descriptor.FromInherited(int.Parse(arguments[at + 1].Split('=')[^1], CultureInfo.InvariantCulture));
    }
}
