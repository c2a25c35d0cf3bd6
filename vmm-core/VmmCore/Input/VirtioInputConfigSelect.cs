namespace SplitVmm.VmmCore.Input;

/// <summary><c>enum virtio_input_config_select</c> (virtio 1.3 section 5.8.4): what the driver asks about.</summary>
internal enum VirtioInputConfigSelect : byte
{
    VIRTIO_INPUT_CFG_UNSET = 0x00,
    VIRTIO_INPUT_CFG_ID_NAME = 0x01,
    VIRTIO_INPUT_CFG_ID_SERIAL = 0x02,
    VIRTIO_INPUT_CFG_ID_DEVIDS = 0x03,
    VIRTIO_INPUT_CFG_PROP_BITS = 0x10,
    VIRTIO_INPUT_CFG_EV_BITS = 0x11,
    VIRTIO_INPUT_CFG_ABS_INFO = 0x12,
}
