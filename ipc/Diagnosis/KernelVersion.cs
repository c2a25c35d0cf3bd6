using System.Globalization;

namespace SplitVmm.Diagnosis;

/// <summary>The two numbers of a Linux release that features are counted by.</summary>
public readonly record struct KernelVersion(int Major, int Minor) : IComparable<KernelVersion>
{
    public static bool operator <(KernelVersion left, KernelVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(KernelVersion left, KernelVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(KernelVersion left, KernelVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(KernelVersion left, KernelVersion right) => left.CompareTo(right) >= 0;

    /// <param name="release">As <c>uname -r</c> prints it, for example <c>6.12.41+deb13-amd64</c>.</param>
    public static bool TryParse(string release, out KernelVersion version)
    {
        string[] parts = release.Split('.', 3);
        string minor = parts.Length > 1 ? new string([.. parts[1].TakeWhile(char.IsAsciiDigit)]) : "";
        bool right = int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
            & int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out int second);
        version = right ? new KernelVersion(first, second) : default;
        return right;
    }

    public int CompareTo(KernelVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
