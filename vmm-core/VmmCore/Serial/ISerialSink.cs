namespace SplitVmm.VmmCore.Serial;

/// <summary>Where a serial port's transmitter sends to. Never blocks.</summary>
public interface ISerialSink
{
    /// <summary>False while the receiving side is too slow; <see cref="BecameReady"/> then tells when it caught up.</summary>
    bool IsReady { get; }

    /// <summary>Called from any thread, without a lock, when <see cref="IsReady"/> has turned true again.</summary>
    Action? BecameReady { get; set; }

    /// <summary>Sends a byte; a sink that is not ready may lose it.</summary>
    void Write(byte value);
}
