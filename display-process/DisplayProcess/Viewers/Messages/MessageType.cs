namespace SplitVmm.DisplayProcess.Viewers.Messages;

/// <summary>Kinds of messages (D-Bus Specification, message format).</summary>
internal enum MessageType : byte
{
    METHOD_CALL = 1,
    METHOD_RETURN = 2,
    ERROR = 3,
    SIGNAL = 4,
}
