namespace SplitVmm.DisplayProcess.Viewers.Messages;

/// <summary>Codes of header fields (D-Bus Specification, header fields).</summary>
internal enum HeaderField : byte
{
    PATH = 1,
    INTERFACE = 2,
    MEMBER = 3,
    ERROR_NAME = 4,
    REPLY_SERIAL = 5,
    DESTINATION = 6,
    SENDER = 7,
    SIGNATURE = 8,
    UNIX_FDS = 9,
}
