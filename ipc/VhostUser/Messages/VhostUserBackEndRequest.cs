namespace SplitVmm.VhostUser.Messages;

/// <summary>Requests of the back end (vhost-user specification, "Back-end message types"), without the prefix <c>VHOST_USER_BACKEND_</c>.</summary>
public enum VhostUserBackEndRequest : uint
{
    IOTLB_MSG = 1,
    CONFIG_CHANGE_MSG = 2,
    VRING_HOST_NOTIFIER_MSG = 3,
    VRING_CALL = 4,
    VRING_ERR = 5,
    SHARED_OBJECT_ADD = 6,
    SHARED_OBJECT_REMOVE = 7,
    SHARED_OBJECT_LOOKUP = 8,
    SHMEM_MAP = 9,
    SHMEM_UNMAP = 10,
}
