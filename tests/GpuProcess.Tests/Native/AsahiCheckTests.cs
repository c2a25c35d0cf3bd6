using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Native.Asahi;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.Harness;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Drivers;
using Xunit;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiCcmd;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>What is refused before the kernel sees it, command by command.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class AsahiCheckTests : IDisposable
{
    private const uint Context = 1;

    private readonly NativeRig _rig = new(
        SoftwareAsahi.CreateDevice(),
        new NativeLimits { MaxAddressSpaces = 2, MaxQueues = 2, MaxObjects = 4, MaxBytes = 1 << 20, MaxBoundObjects = 1, MaxExternal = 2, MaxSyncFiles = 2 });
    private readonly uint _space;
    private readonly uint _queue;

    public AsahiCheckTests()
    {
        _rig.CreateContext(Context);
        _space = _rig.CreateSpace(Context);
        _queue = _rig.CreateQueue(Context, _space);
        _ = _rig.CreateObject(Context, _space, 7, 1 << 16);
    }

    [Fact]
    public void IoctlSimple_WhatIsNotListed_IsRefused()
    {
        foreach (uint number in (uint[])
        [
            DRM_IOCTL_ASAHI_SUBMIT, DRM_IOCTL_ASAHI_VM_BIND, DRM_IOCTL_ASAHI_GEM_CREATE, DRM_IOCTL_ASAHI_GET_PARAMS,
            DRM_IOCTL_ASAHI_GEM_BIND_OBJECT, 0xC010_6446, GpuProcess.Native.Uapi.Drm.DRM_IOCTL_GEM_CLOSE,
            // The right name with another size or direction, another device's, and nothing.
            0xC010_6442, 0x4018_6442, 0xC018_6542, 0x3FFF_6442, 0x6442, 0,
        ])
        {
            _rig.Refuse(Context, ASAHI_CCMD_IOCTL_SIMPLE, new AsahiCcmdIoctlSimpleReq { Cmd = number }, new byte[24]);
        }

        _rig.Refuse(Context, ASAHI_CCMD_IOCTL_SIMPLE, new AsahiCcmdIoctlSimpleReq { Cmd = DRM_IOCTL_ASAHI_VM_CREATE }, new byte[20]);
        _rig.Refuse(Context, ASAHI_CCMD_IOCTL_SIMPLE, new AsahiCcmdIoctlSimpleReq { Cmd = DRM_IOCTL_ASAHI_VM_CREATE }, new byte[28]);
        _rig.Refuse(Context, ASAHI_CCMD_IOCTL_SIMPLE, default(AsahiCcmdIoctlSimpleReq));
    }

    [Fact]
    public void IoctlSimple_WrongArguments_AnswerTheirErrors()
    {
        Answers(-EINVAL, DRM_IOCTL_ASAHI_VM_CREATE, new DrmAsahiVmCreate { KernelStart = 1 << 14, KernelEnd = 1 << 14 });
        Answers(-EINVAL, DRM_IOCTL_ASAHI_VM_CREATE, new DrmAsahiVmCreate { KernelEnd = (1 << 14) + 1 });
        Answers(-EINVAL, DRM_IOCTL_ASAHI_VM_CREATE, new DrmAsahiVmCreate { KernelEnd = 1 << 14, Pad = 1 });
        Answers(-EINVAL, DRM_IOCTL_ASAHI_QUEUE_CREATE, new DrmAsahiQueueCreate { VmId = _space, Flags = 1 });
        Answers(-EINVAL, DRM_IOCTL_ASAHI_QUEUE_CREATE, new DrmAsahiQueueCreate { VmId = _space + 9 });
        Answers(-EPERM, DRM_IOCTL_ASAHI_QUEUE_CREATE, new DrmAsahiQueueCreate { VmId = _space, Priority = 2 });
        Answers(-EINVAL, DRM_IOCTL_ASAHI_GET_TIME, new DrmAsahiGetTime { Flags = 1 });
        Assert.Equal(-ENOENT, _rig.SimpleIn(Context, DRM_IOCTL_ASAHI_VM_DESTROY, new DrmAsahiVmDestroy { VmId = _space + 9 }));
        Assert.Equal(-EINVAL, _rig.SimpleIn(Context, DRM_IOCTL_ASAHI_VM_DESTROY, new DrmAsahiVmDestroy { VmId = _space, Pad = 1 }));
        Assert.Equal(-ENOENT, _rig.SimpleIn(Context, DRM_IOCTL_ASAHI_QUEUE_DESTROY, new DrmAsahiQueueDestroy { QueueId = _space }));
        Assert.Equal(-EINVAL, _rig.SimpleIn(Context, DRM_IOCTL_ASAHI_QUEUE_DESTROY, new DrmAsahiQueueDestroy { QueueId = _queue, Pad = 1 }));
        // What the kernel refuses, beyond what can be known here.
        Answers(-EINVAL, DRM_IOCTL_ASAHI_VM_CREATE, new DrmAsahiVmCreate { KernelEnd = 1 << 14 });

        _ = _rig.CreateSpace(Context);
        Answers(-ENOSPC, DRM_IOCTL_ASAHI_VM_CREATE, new DrmAsahiVmCreate { KernelEnd = 1 << 30 });
        _ = _rig.CreateQueue(Context, _space);
        Answers(-ENOSPC, DRM_IOCTL_ASAHI_QUEUE_CREATE, new DrmAsahiQueueCreate { VmId = _space });
        Assert.Equal(0, _rig.SimpleIn(Context, DRM_IOCTL_ASAHI_QUEUE_DESTROY, new DrmAsahiQueueDestroy { QueueId = _queue }));
        _ = _rig.CreateQueue(Context, _space);
        Assert.Equal(0, _rig.SimpleIn(Context, DRM_IOCTL_ASAHI_VM_DESTROY, new DrmAsahiVmDestroy { VmId = _space }));
        _ = _rig.CreateSpace(Context);
    }

    [Fact]
    public void GetParams_WrongRequests_AreRefused()
    {
        _rig.Refuse(Context, ASAHI_CCMD_GET_PARAMS, new AsahiCcmdGetParamsReq { Params = { Size = 8, ParamGroup = 1 } });
        _rig.Refuse(Context, ASAHI_CCMD_GET_PARAMS, new AsahiCcmdGetParamsReq { Params = { Size = 8, Pad = 1 } });
        _rig.Refuse(Context, ASAHI_CCMD_GET_PARAMS, new AsahiCcmdGetParamsReq { Params = { Size = 4097 } });
        _rig.Refuse(Context, ASAHI_CCMD_GET_PARAMS, new AsahiCcmdGetParamsReq { Params = { Size = ulong.MaxValue } });
    }

    [Fact]
    public void GemNew_WrongRequests_AreRefused()
    {
        AsahiCcmdGemNewReq right = AsahiGuest.GemNew(_space, 8, 1 << 14);
        foreach (AsahiCcmdGemNewReq wrong in (AsahiCcmdGemNewReq[])
        [
            right with { Flags = 4 }, right with { BindFlags = DRM_ASAHI_BIND_UNBIND }, right with { BindFlags = 8 }, right with { VmId = 99 },
            right with { Addr = 1 }, right with { Addr = ulong.MaxValue & ~0x3FFFUL, Size = 1 << 15 }, right with { Size = 0 },
            right with { Size = ulong.MaxValue }, right with { Size = 2 << 20 }, right with { BlobId = 0 },
            right with { Addr = 0, Flags = DRM_ASAHI_GEM_VM_PRIVATE, VmId = 99 },
        ])
        {
            _rig.Refuse(Context, ASAHI_CCMD_GEM_NEW, wrong);
        }

        _rig.Do(Context, ASAHI_CCMD_GEM_NEW, right);
        _rig.Refuse(Context, ASAHI_CCMD_GEM_NEW, right);
        _rig.Do(Context, ASAHI_CCMD_GEM_NEW, AsahiGuest.GemNew(_space, 9, 1 << 14) with { Addr = 0, Flags = DRM_ASAHI_GEM_VM_PRIVATE });
        _rig.Do(Context, ASAHI_CCMD_GEM_NEW, AsahiGuest.GemNew(_space, 10, 1 << 14));
        _rig.Refuse(Context, ASAHI_CCMD_GEM_NEW, AsahiGuest.GemNew(_space, 11, 1 << 14));
    }

    [Fact]
    public void GemNew_PrivateObject_IsNeverGivenOut()
    {
        _rig.Do(Context, ASAHI_CCMD_GEM_NEW, AsahiGuest.GemNew(_space, 9, 1 << 14) with { Flags = DRM_ASAHI_GEM_VM_PRIVATE });
        _ = _rig.CreateBlob(Context, 9, 9, 1 << 14, NativeRig.Shared, out BlobResource? made);
        Assert.False(_rig.Renderer.TryExport(made!, out _, out _, out string why));
        Assert.Contains("private", why, StringComparison.Ordinal);
        byte[] buffer = AsahiGuest.Render();
        _rig.Refuse(
            Context, ASAHI_CCMD_SUBMIT, AsahiGuest.SubmitRequest(_queue, buffer, 1),
            [.. buffer, .. VdrmStream.Bytes(new AsahiCcmdSubmitRes { ResId = 9, Flags = 1 })]);
    }

    [Fact]
    public void VmBind_WrongRequests_AreRefused()
    {
        var right = new DrmAsahiGemBindOp { Flags = DRM_ASAHI_BIND_READ, Handle = 7, Range = 1 << 14, Addr = AsahiGuest.Address };
        var request = new AsahiCcmdVmBindReq { VmId = _space, Stride = 32, Count = 1 };
        foreach (DrmAsahiGemBindOp wrong in (DrmAsahiGemBindOp[])
        [
            right with { Flags = 16 }, right with { Handle = 8 }, right with { Handle = 0 }, right with { Range = 0 }, right with { Range = 1 },
            right with { Addr = 4096 }, right with { Offset = 4096 }, right with { Offset = 1 << 16 }, right with { Range = 1 << 17 },
            right with { Offset = ulong.MaxValue & ~0x3FFFUL }, right with { Addr = ulong.MaxValue & ~0x3FFFUL, Range = 1 << 15 },
            right with { Flags = DRM_ASAHI_BIND_SINGLE_PAGE, Offset = 1 << 16, Range = 1 << 20 },
        ])
        {
            _rig.Refuse(Context, ASAHI_CCMD_VM_BIND, request, VdrmStream.Bytes(wrong));
            // The last of several, after others that are right.
            _rig.Refuse(Context, ASAHI_CCMD_VM_BIND, request with { Count = 2 }, VdrmStream.Bytes(right, wrong));
        }

        byte[] one = VdrmStream.Bytes(right);
        _rig.Refuse(Context, ASAHI_CCMD_VM_BIND, request with { VmId = 99 }, one);
        _rig.Refuse(Context, ASAHI_CCMD_VM_BIND, request with { Count = 0 }, one);
        _rig.Refuse(Context, ASAHI_CCMD_VM_BIND, request with { Count = 2 }, one);
        _rig.Refuse(Context, ASAHI_CCMD_VM_BIND, request with { Count = uint.MaxValue, Stride = uint.MaxValue }, one);
        _rig.Refuse(Context, ASAHI_CCMD_VM_BIND, request with { Count = 8, Stride = 4 }, one);
        _rig.Refuse(Context, ASAHI_CCMD_VM_BIND, request with { Stride = 36 }, [.. one, 1, 0, 0, 0]);

        // A newer guest that says nothing more, a repeated page, and an unbinding, whose handle means nothing.
        _rig.Do(Context, ASAHI_CCMD_VM_BIND, request with { Stride = 36 }, [.. one, 0, 0, 0, 0]);
        _rig.Do(Context, ASAHI_CCMD_VM_BIND, request, VdrmStream.Bytes(right with { Flags = DRM_ASAHI_BIND_SINGLE_PAGE, Range = 1 << 20 }));
        _rig.Do(Context, ASAHI_CCMD_VM_BIND, request, VdrmStream.Bytes(right with { Flags = DRM_ASAHI_BIND_UNBIND, Handle = 1234, Offset = 1 << 30 }));
    }

    [Fact]
    public void GemBindObject_WrongRequests_AreRefused()
    {
        var right = new DrmAsahiGemBindObject { Flags = 1, Handle = 7, Range = 1 << 14 };
        foreach (DrmAsahiGemBindObject wrong in (DrmAsahiGemBindObject[])
        [
            right with { Flags = 2 }, right with { Handle = 8 }, right with { VmId = 1 }, right with { ObjectHandle = 1 }, right with { Pad = 1 },
            right with { Range = 0 }, right with { Range = 1 << 17 }, right with { Offset = 1 << 16 }, right with { Offset = ulong.MaxValue },
        ])
        {
            int calls = _rig.Device.Calls.Values.Sum();
            byte[] answer = _rig.Ask(Context, ASAHI_CCMD_GEM_BIND_OBJECT, new AsahiCcmdGemBindObjectReq { Bind = wrong }, default, 12);
            Assert.Equal(-EINVAL, NativeRig.Read<AsahiCcmdGemBindObjectRsp>(answer).Ret);
            Assert.Equal(calls, _rig.Device.Calls.Values.Sum());
        }

        _rig.Refuse(Context, ASAHI_CCMD_GEM_BIND_OBJECT, new AsahiCcmdGemBindObjectReq { Bind = right with { Op = 2 } });
        _rig.Refuse(Context, ASAHI_CCMD_GEM_BIND_OBJECT, new AsahiCcmdGemBindObjectReq { Bind = right with { Op = 1 } });
        Assert.Equal(0, Bind());
        Assert.Equal(-ENOSPC, Bind());

        int Bind() => NativeRig.Read<AsahiCcmdGemBindObjectRsp>(
            _rig.Ask(Context, ASAHI_CCMD_GEM_BIND_OBJECT, new AsahiCcmdGemBindObjectReq { Bind = right }, default, 12)).Ret;
    }

    [Fact]
    public void Submit_WrongRequests_AreRefused()
    {
        byte[] buffer = AsahiGuest.Render();
        AsahiCcmdSubmitReq right = AsahiGuest.SubmitRequest(_queue, buffer);
        _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, right with { Flags = 1 }, buffer);
        _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, right with { QueueId = 99 }, buffer);
        _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, right with { CmdbufSize = 4 }, buffer);
        _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, right with { CmdbufSize = uint.MaxValue }, buffer);
        _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, right with { ExtresCount = 1 }, buffer);
        _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, right with { ExtresCount = uint.MaxValue }, buffer);
        _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, right with { ExtresCount = 1 }, [.. buffer, .. VdrmStream.Bytes(new AsahiCcmdSubmitRes { ResId = 8, Flags = 1 })]);
        _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, right with { ExtresCount = 1 }, [.. buffer, .. VdrmStream.Bytes(new AsahiCcmdSubmitRes { ResId = 7, Flags = 4 })]);
        _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, right with { ExtresCount = 3 }, [.. buffer, .. new byte[24]]);
        foreach ((int at, byte value) in ((int, byte)[])[(0, 5), (2, 241), (2, 255), (3, 1), (8 + RenderTimestamps, 1), (8 + RenderTimestamps + 24, 1)])
        {
            byte[] wrong = [.. buffer];
            wrong[at] = value;
            _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, right, wrong);
        }

        // Attachments that are not whole.
        byte[] attachments = [2, 0, 20, 0, .. new byte[24]];
        _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, AsahiGuest.SubmitRequest(_queue, attachments), attachments);

        // Work that is never done fills the room for descriptors, and then the guest is told.
        _rig.Device.Completion = Completion.ByHand;
        _rig.Submit(Context, _queue, buffer);
        _rig.Submit(Context, _queue, buffer);
        _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, right, buffer);
        _rig.Device.Complete(0);
        _rig.Submit(Context, _queue, buffer);
    }

    public void Dispose() => _rig.Dispose();

    private void Answers<T>(int error, uint number, T argument)
        where T : unmanaged
    {
        byte[] answer = _rig.Ask(
            Context, ASAHI_CCMD_IOCTL_SIMPLE, new AsahiCcmdIoctlSimpleReq { Cmd = number }, VdrmStream.Bytes(argument),
            8 + System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        Assert.Equal(error, NativeRig.Read<VdrmResultRsp>(answer).Ret);
    }
}
