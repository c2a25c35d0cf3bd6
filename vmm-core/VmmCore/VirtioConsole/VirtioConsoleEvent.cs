namespace SplitVmm.VmmCore.VirtioConsole;

/// <summary>Values of <see cref="VirtioConsoleControl.Event"/> (virtio 1.3 section 5.3.6.2).</summary>
public enum VirtioConsoleEvent : ushort
{
    /// <summary>By the driver: it is ready for ports, or (0) failed.</summary>
    VIRTIO_CONSOLE_DEVICE_READY = 0,

    /// <summary>By the device: there is a port.</summary>
    VIRTIO_CONSOLE_PORT_ADD = 1,

    /// <summary>By the device: the port is gone.</summary>
    VIRTIO_CONSOLE_PORT_REMOVE = 2,

    /// <summary>By the driver: it has set the port up, or (0) could not.</summary>
    VIRTIO_CONSOLE_PORT_READY = 3,

    /// <summary>By the device: the port is a console.</summary>
    VIRTIO_CONSOLE_CONSOLE_PORT = 4,

    /// <summary>By the device: the size of the console.</summary>
    VIRTIO_CONSOLE_RESIZE = 5,

    /// <summary>Both ways: this side has opened the port, or (0) closed it.</summary>
    VIRTIO_CONSOLE_PORT_OPEN = 6,

    /// <summary>By the device: the name by which programs find the port.</summary>
    VIRTIO_CONSOLE_PORT_NAME = 7,
}
