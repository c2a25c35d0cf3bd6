using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.Platform.Descriptors;
using static SplitVmm.GpuProcess.Native.Amdgpu.AmdgpuUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.Amdgpu;

/// <summary>Submissions, whose chunks are built anew: what they point to, and the list of pointers to them.</summary>
internal sealed unsafe partial class AmdgpuContext
{
    private readonly NativeScratch _pointers = new();
    private readonly NativeScratch _chunks = new();
    private readonly NativeScratch _data = new();
    private readonly NativeScratch _list = new();

    private int CsSubmit(in NativeCommand command)
    {
        AmdgpuCcmdCsSubmitReq request = command.Read<AmdgpuCcmdCsSubmitReq>();
        ReadOnlySpan<byte> tail = command.TailOf<AmdgpuCcmdCsSubmitReq>();
        int descriptors = (int)Math.Min(request.NumChunks, AmdgpuCcmdCsSubmitReq.MaxChunks + 1) * Unsafe.SizeOf<AmdgpuCsChunkDescriptor>();
        if (request.NumChunks is 0 or > AmdgpuCcmdCsSubmitReq.MaxChunks || descriptors > tail.Length
            || request.RingIdx == 0 || request.RingIdx >= RingCount || !_contexts.Contains(request.CtxId))
        {
            return EINVAL;
        }

        if (!TryAnswer<AmdgpuCcmdRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        var build = new ChunkBuilder(this, (int)request.NumChunks, tail.Length);
        ReadOnlySpan<byte> payload = tail[descriptors..];
        int room = payload.Length;
        foreach (AmdgpuCsChunkDescriptor chunk in MemoryMarshal.Cast<byte, AmdgpuCsChunkDescriptor>(tail[..descriptors]))
        {
            int length = chunk.LengthDw * sizeof(uint);
            // All together they are not longer than what there is, so that none is counted twice.
            room -= length;
            if (room < 0 || chunk.Offset > (uint)(payload.Length - length)
                || !build.TryAdd(chunk.ChunkId, payload.Slice((int)chunk.Offset, length)))
            {
                return EINVAL;
            }
        }

        if (!build.TryAddObjects())
        {
            return EINVAL;
        }

        if (!HasRoomForSubmission())
        {
            return EBUSY;
        }

        int error = Submit(request, ref build);
        return error != 0 ? error : Answer(answer, 0);
    }

    private int Submit(in AmdgpuCcmdCsSubmitReq request, ref ChunkBuilder build)
    {
        int error = File.CreateSyncobj(out uint syncobj);
        if (error != 0)
        {
            return error;
        }

        build.AddSyncobj(syncobj);
        var submit = new DrmAmdgpuCs { CtxId = request.CtxId, NumChunks = (uint)build.Count, Chunks = _pointers.Address };
        error = File.Ioctl(DRM_IOCTL_AMDGPU_CS, ref submit);
        PooledDescriptor fence = default;
        error = error == 0 ? File.ExportSyncFile(syncobj, Descriptors, out fence) : error;
        HasLeftovers |= File.DestroySyncobj(syncobj) != 0;
        if (error == 0)
        {
            Submitted(request.RingIdx, fence);
        }

        return error;
    }

    /// <summary>Takes the chunks of one submission, each checked, into the context's scratches.</summary>
    private ref struct ChunkBuilder
    {
        /// <summary>The list of objects, and the synchronisation object.</summary>
        private const int OwnChunks = 2;

        private readonly AmdgpuContext _context;
        private readonly Span<ulong> _pointers;
        private readonly Span<DrmAmdgpuCsChunk> _chunks;
        private readonly Span<byte> _data;
        private int _used;
        private ReadOnlySpan<byte> _objects;
        private bool _hasObjects;
        private bool _hasFence;
        private bool _hasCommands;

        public ChunkBuilder(AmdgpuContext context, int chunks, int bytes)
        {
            _context = context;
            _pointers = context._pointers.Take<ulong>(chunks + OwnChunks);
            _chunks = context._chunks.Take<DrmAmdgpuCsChunk>(chunks + OwnChunks);
            // Each chunk begins at a multiple of eight.
            _data = context._data.Take<byte>(bytes + ((chunks + OwnChunks) * sizeof(ulong)) + Unsafe.SizeOf<DrmAmdgpuBoListIn>());
        }

        public int Count { get; private set; }

        public bool TryAdd(ushort id, ReadOnlySpan<byte> bytes)
        {
            switch (id)
            {
                case AMDGPU_CHUNK_ID_IB:
                    return TryAddCommands(bytes);
                case AMDGPU_CHUNK_ID_FENCE when !_hasFence:
                    _hasFence = true;
                    return TryAddFence(bytes);
                case AMDGPU_CHUNK_ID_DEPENDENCIES:
                    return TryAddDependencies(bytes);
                case AMDGPU_CHUNK_ID_BO_HANDLES when !_hasObjects:
                    _hasObjects = true;
                    _objects = bytes;
                    return bytes.Length % Unsafe.SizeOf<DrmAmdgpuBoListEntry>() == 0;
                default:
                    return false;
            }
        }

        /// <summary>Adds the guest's objects, and those that it need not name.</summary>
        /// <returns>False: it has named one that it has not, or too many, or nothing is to be executed.</returns>
        public bool TryAddObjects()
        {
            ReadOnlySpan<DrmAmdgpuBoListEntry> named = MemoryMarshal.Cast<byte, DrmAmdgpuBoListEntry>(_objects);
            HashSet<uint> always = _context.Objects.AlwaysUsed;
            if (!_hasCommands || named.Length + always.Count > _context.Limits.MaxSubmitObjects)
            {
                return false;
            }

            if (!_hasObjects && always.Count == 0)
            {
                return true;
            }

            Span<DrmAmdgpuBoListEntry> list = _context._list.Take<DrmAmdgpuBoListEntry>(named.Length + always.Count);
            for (int i = 0; i < named.Length; i++)
            {
                uint handle = _context.Objects.HandleOf(named[i].BoHandle);
                if (handle == 0)
                {
                    return false;
                }

                list[i] = new DrmAmdgpuBoListEntry { BoHandle = handle, BoPriority = named[i].BoPriority };
            }

            int at = named.Length;
            foreach (uint handle in always)
            {
                list[at++] = new DrmAmdgpuBoListEntry { BoHandle = handle };
            }

            Add(AMDGPU_CHUNK_ID_BO_HANDLES, new DrmAmdgpuBoListIn
            {
                Operation = uint.MaxValue,
                ListHandle = uint.MaxValue,
                BoNumber = (uint)list.Length,
                BoInfoSize = (uint)Unsafe.SizeOf<DrmAmdgpuBoListEntry>(),
                BoInfoPtr = _context._list.Address,
            });
            return true;
        }

        public void AddSyncobj(uint handle) => Add(AMDGPU_CHUNK_ID_SYNCOBJ_OUT, handle);

        private bool TryAddCommands(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length != Unsafe.SizeOf<DrmAmdgpuCsChunkIb>())
            {
                return false;
            }

            // Addresses are those of the guest's own address space on the GPU, and the GPU's to check.
            DrmAmdgpuCsChunkIb commands = MemoryMarshal.Read<DrmAmdgpuCsChunkIb>(bytes);
            if ((commands.Flags & ~AllIbFlags) != 0 || commands.IpType >= AMDGPU_HW_IP_NUM || commands.IpInstance != 0)
            {
                return false;
            }

            commands.Pad = 0;
            Add(AMDGPU_CHUNK_ID_IB, commands);
            _hasCommands = true;
            return true;
        }

        private bool TryAddFence(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length != Unsafe.SizeOf<DrmAmdgpuCsChunkFence>())
            {
                return false;
            }

            DrmAmdgpuCsChunkFence fence = MemoryMarshal.Read<DrmAmdgpuCsChunkFence>(bytes);
            if (fence.Offset % sizeof(ulong) != 0 || !_context.Objects.TryGet(fence.Handle, out GemObject? found)
                || fence.Offset > found.Size - sizeof(ulong))
            {
                return false;
            }

            fence.Handle = found.Handle;
            Add(AMDGPU_CHUNK_ID_FENCE, fence);
            return true;
        }

        private bool TryAddDependencies(ReadOnlySpan<byte> bytes)
        {
            int size = Unsafe.SizeOf<DrmAmdgpuCsChunkDep>();
            if (bytes.Length % size != 0)
            {
                return false;
            }

            Span<byte> room = Room(AMDGPU_CHUNK_ID_DEPENDENCIES, bytes.Length);
            bytes.CopyTo(room);
            foreach (DrmAmdgpuCsChunkDep one in MemoryMarshal.Cast<byte, DrmAmdgpuCsChunkDep>(room))
            {
                if (!_context._contexts.Contains(one.CtxId) || one.IpType >= AMDGPU_HW_IP_NUM)
                {
                    return false;
                }
            }

            return true;
        }

        private void Add<T>(uint id, T value)
            where T : unmanaged => MemoryMarshal.Write(Room(id, Unsafe.SizeOf<T>()), value);

        /// <summary>A chunk of so many bytes, which lie in the scratch until the submission is over.</summary>
        private Span<byte> Room(uint id, int bytes)
        {
            int at = _used;
            _used = (at + bytes + sizeof(ulong) - 1) & -sizeof(ulong);
            _chunks[Count] = new DrmAmdgpuCsChunk
            {
                ChunkId = id,
                LengthDw = (uint)bytes / sizeof(uint),
                ChunkData = _context._data.Address + (ulong)at,
            };
            _pointers[Count] = _context._chunks.Address + (ulong)(Count * sizeof(DrmAmdgpuCsChunk));
            Count++;
            return _data.Slice(at, bytes);
        }
    }
}
