namespace SplitVmm.DesktopService.Consoles;

/// <summary>What a key meant to the console.</summary>
internal enum KeyMeaning
{
    /// <summary>For the guest.</summary>
    Pass,

    /// <summary>Part of an escape; nobody gets it.</summary>
    Swallow,

    Quit,
    Help,
}
