using System.Runtime.InteropServices;
using SplitVmm.SoftwareDrm.Sessions;

namespace SplitVmm.GpuProcess.Tests.Native.Sessions;

/// <summary>Makes changes to a session that leave it near enough to the recorded one to get far.</summary>
internal sealed class SessionMutator
{
    private const int MostCommands = 14;

    private static readonly uint[] s_edges =
    [
        0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 63, 64, 255, 4095, 4096, 0x4000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_F000, 0xFFFF_FFFE, 0xFFFF_FFFF,
    ];

    private readonly List<SessionEvent> _events;
    private readonly List<(int Event, int Command)> _places = [];

    private SessionMutator(IEnumerable<SessionEvent> session)
    {
        _events = [.. session];
        FindCommands();
    }

    /// <summary>Gives a changed session; the recorded one stays as it is.</summary>
    public static List<SessionEvent> Apply(IEnumerable<SessionEvent> session, IEnumerable<SessionChange> changes)
    {
        var mutator = new SessionMutator(session);
        foreach (SessionChange change in changes)
        {
            mutator.Apply(change);
        }

        return mutator._events;
    }

    private void Apply(in SessionChange change)
    {
        if (_events.Count > 0 && change.Kind >= SessionChangeKind.RepeatEvent)
        {
            ChangeEvent(change);
        }
        else if (_places.Count > 0)
        {
            ChangeCommand(change);
        }
    }

    private void ChangeCommand(in SessionChange change)
    {
        (int index, int number) = _places[change.At % _places.Count];
        byte[] stream = _events[index].Stream;
        List<Range> ranges = CommandRanges.Of(stream);
        byte[] command = stream[ranges[number]];
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(command.AsSpan());
        ref uint word = ref words[change.Place % words.Length];
        bool moves = false;
        switch (change.Kind)
        {
            case SessionChangeKind.FlipBit:
                word ^= 1u << (int)(change.Value % 32);
                break;
            case SessionChangeKind.Edge:
                word = s_edges[change.Value % s_edges.Length];
                break;
            case SessionChangeKind.Word:
                word = change.Value;
                break;
            case SessionChangeKind.WordOfAnother:
                ReadOnlySpan<uint> others = MemoryMarshal.Cast<byte, uint>(Another(change.Value).AsSpan());
                word = others[(int)(change.Value / 7 % (uint)others.Length)];
                break;
            case SessionChangeKind.Command:
                words[0] = change.Value % MostCommands;
                break;
            case SessionChangeKind.Length:
                int length = Math.Max(CommandRanges.HeaderSize, command.Length + (((int)(change.Value % 17) - 8) * 4)) & ~3;
                Array.Resize(ref command, length);
                MemoryMarshal.Cast<byte, uint>(command.AsSpan())[1] = (uint)length;
                moves = true;
                break;
            case SessionChangeKind.Rubbish:
                new Random((int)change.Value).NextBytes(command.AsSpan(CommandRanges.HeaderSize));
                break;
            case SessionChangeKind.RepeatCommand:
                command = [.. command, .. command];
                moves = true;
                break;
            case SessionChangeKind.LeaveCommand:
                command = [];
                moves = true;
                break;
            default:
                command = [.. command, .. Another(change.Value)];
                moves = true;
                break;
        }

        _events[index] = _events[index] with
        {
            Stream = [.. stream.AsSpan(0, ranges[number].Start.Value), .. command, .. stream.AsSpan(ranges[number].End.Value)],
        };
        // A changed length moves what follows it.
        if (moves || change.Place % words.Length is 1 or 3)
        {
            FindCommands();
        }
    }

    private void ChangeEvent(in SessionChange change)
    {
        int at = change.At % _events.Count;
        int other = change.Place % _events.Count;
        SessionEvent done = _events[at];
        switch (change.Kind)
        {
            case SessionChangeKind.RepeatEvent:
                _events.Insert(other, done);
                break;
            case SessionChangeKind.LeaveEvent:
                _events.RemoveAt(at);
                break;
            case SessionChangeKind.SwapEvents:
                (_events[at], _events[other]) = (_events[other], done);
                break;
            case SessionChangeKind.Context:
                _events[at] = done with { Context = _events[other].Context };
                return;
            case SessionChangeKind.Resource:
                _events[at] = done with { Resource = _events[other].Resource };
                return;
            case SessionChangeKind.BlobId:
                _events[at] = done with { BlobId = change.Value % 2 == 0 ? _events[other].BlobId : change.Value };
                return;
            case SessionChangeKind.Size:
                _events[at] = done with { Size = Math.Min(s_edges[change.Value % s_edges.Length] * (1UL + (change.Value >> 28)), 64UL << 30) };
                return;
            default:
                _events[at] = done with { Flags = change.Value };
                return;
        }

        FindCommands();
    }

    private byte[] Another(uint value)
    {
        (int index, int number) = _places[(int)(value % (uint)_places.Count)];
        byte[] stream = _events[index].Stream;
        return stream[CommandRanges.Of(stream)[number]];
    }

    private void FindCommands()
    {
        _places.Clear();
        for (int i = 0; i < _events.Count; i++)
        {
            int count = CommandRanges.Of(_events[i].Stream).Count;
            for (int command = 0; command < count; command++)
            {
                _places.Add((i, command));
            }
        }
    }
}
