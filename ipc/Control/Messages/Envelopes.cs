using SplitVmm.Control.Messages;

// The generated properties are the implementation; the interfaces let one client and one server serve all privileges.
namespace SplitVmm.Control.Protocol;

public sealed partial class CoreReport : IReport;

public sealed partial class CoreCommand : ICommand;

public sealed partial class GpuReport : IReport;

public sealed partial class GpuCommand : ICommand;

public sealed partial class DisplayReport : IReport;

public sealed partial class DisplayCommand : ICommand;
