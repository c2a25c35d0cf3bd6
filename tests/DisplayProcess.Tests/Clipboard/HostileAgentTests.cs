using System.Runtime.InteropServices;
using SplitVmm.DisplayProcess.Clipboard.Vdagent;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.DisplayProcess.Tests.Clipboard.StandInAgent;

namespace SplitVmm.DisplayProcess.Tests.Clipboard;

/// <summary>Agents of guests that somebody has taken over.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class HostileAgentTests
{
    private const int Most = 1 << 20;

    public static TheoryData<string, byte[]> Nonsense => new()
    {
        { "a piece for port 3", [.. Word(3), .. Word(1), 0] },
        { "a piece for port 0", [.. Word(0), .. Word(uint.MaxValue)] },
        { "a message of protocol 2", Message(Grab, [], protocol: 2) },
        { "capabilities of 3 bytes", Message(Capabilities, [1, 0, 0]) },
        { "capabilities of 0 bytes", Message(Capabilities, []) },
        { "a grab with 3 bytes", Message(Grab, [0, 0, 0]) },
        { "a grab with 1 bytes", Message(Grab, [0, 0, 0, 0, 1]) },
        { "a request with 0 bytes", Message(Request, [0, 0, 0, 0]) },
        { "a request with 5 bytes", Message(Request, new byte[9]) },
        { "clipboard contents with 3 bytes", Message(Text, new byte[7]) },
        { "clipboard contents with 2 bytes", Message(Text, new byte[2]) },
    };

    [Fact]
    public void Headers_HaveTheLayoutOfTheProtocol()
    {
        Assert.Equal((8, 20), (Marshal.SizeOf<VDIChunkHeader>(), Marshal.SizeOf<VDAgentMessage>()));
        Assert.Equal([0, 4], Offsets<VDIChunkHeader>(nameof(VDIChunkHeader.Port), nameof(VDIChunkHeader.Size)));
        Assert.Equal(
            [0, 4, 8, 16],
            Offsets<VDAgentMessage>(nameof(VDAgentMessage.Protocol), nameof(VDAgentMessage.Type), nameof(VDAgentMessage.Opaque), nameof(VDAgentMessage.Size)));
    }

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void Nonsense_EndsTheSessionAndTheNextOneWorks(string problem, byte[] bytes)
    {
        using var pair = new AgentPair();
        pair.Guest.SendBytes(bytes);
        pair.Pump();
        Assert.Equal(1, pair.Guest.HangUps);
        Assert.Equal($"the guest's agent made no sense ({problem}): it has to begin anew", Assert.Single(pair.Log));

        pair.Guest.Copy("sense");
        pair.Pump();
        pair.Clipboard.Copy("more");
        pair.Pump();
        Assert.Equal(["sense"], pair.Clipboard.Written);
        Assert.Equal("more", pair.Guest.Texts[^1]);
    }

    [Fact]
    public void Nonsense_WithoutEnd_IsOneLineInTheLog()
    {
        using var pair = new AgentPair();
        for (int i = 0; i < 200; i++)
        {
            pair.Guest.SendBytes([.. Word(7), .. Word(7)]);
            pair.Pump();
        }

        Assert.Equal(200, pair.Guest.HangUps);
        Assert.Single(pair.Log);
    }

    [Fact]
    public void WhatIsNotAboutTheClipboard_IsLeftOut()
    {
        using var pair = new AgentPair();
        foreach (uint type in (uint[])[0, 1, 2, 3, 5, 10, 11, 12, 13, 15, 16, 17, uint.MaxValue])
        {
            pair.Guest.Send(type, new byte[5000]);
        }

        // Between SPICE's server and the agent.
        pair.Guest.SendBytes([.. Word(2), .. Word(3), 1, 2, 3, .. Word(1), .. Word(0)]);
        pair.Guest.Copy("text");
        pair.Pump();
        Assert.Equal(["text"], pair.Clipboard.Written);
        Assert.Equal(0, pair.Guest.HangUps);
    }

    [Fact]
    public void TooLongText_IsLeftOutEitherWay()
    {
        using var pair = new AgentPair();
        string tooLong = new('x', Most + 1);
        pair.Guest.Copy(tooLong);
        Assert.True(pair.PumpUntil(() => pair.Log.Count > 0));
        pair.Clipboard.Copy(tooLong);
        pair.Clipboard.Copy(tooLong[1..]);
        Assert.True(pair.PumpUntil(() => pair.Guest.Texts.Count > 0));
        Assert.Equal(tooLong[1..], Assert.Single(pair.Guest.Texts));
        pair.Guest.Copy(tooLong[1..]);
        Assert.True(pair.PumpUntil(() => pair.Clipboard.Written.Count > 0));

        Assert.Equal(tooLong[1..], Assert.Single(pair.Clipboard.Written));
        Assert.Equal(
            [
                "the guest's agent sent 1048585 bytes where 1048584 are the most: they were left out",
                "the text on the clipboard has more than 1048576 bytes: the guest does not get it",
            ],
            pair.Log);
        Assert.Equal(0, pair.Guest.HangUps);
    }

    [Fact]
    public void SizeThatNeverComes_CostsNothing()
    {
        using var pair = new AgentPair();
        long before = GC.GetAllocatedBytesForCurrentThread();
        pair.Guest.Send(Text, new byte[100], size: uint.MaxValue);
        pair.Pump();
        pair.Guest.IsPolite = false;
        pair.Guest.Reopen();
        pair.Guest.SendBytes([.. Word(1), .. Word(uint.MaxValue), .. new byte[10]]);
        pair.Pump();
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
        Assert.Equal(0, pair.Guest.HangUps);
    }

    [Fact]
    public void TextThatIsNone_IsMadeOne()
    {
        using var pair = new AgentPair();
        pair.Guest.IsPolite = false;
        Answer(pair, [(byte)'a', 0xFF, 0xC3, (byte)'b', 0xED, 0xA0, 0x80, 0, (byte)'c']);
        Answer(pair, [0]);
        Answer(pair, []);
        Answer(pair, [(byte)'n'], type: 2);
        Assert.Equal(["a\uFFFD\uFFFDb\uFFFD\uFFFD\uFFFD"], pair.Clipboard.Written);
    }

    [Fact]
    public void TextThatNobodyAskedFor_IsDropped()
    {
        using var pair = new AgentPair();
        pair.Guest.Send(Text, [.. pair.Guest.Selection(), .. Word(1), (byte)'x']);
        Answer(pair, [(byte)'y']);
        pair.Guest.Send(Text, [.. pair.Guest.Selection(), .. Word(1), (byte)'z']);
        pair.Pump();
        Assert.Equal(["y"], pair.Clipboard.Written);
    }

    [Fact]
    public void Agent_ThatAsksAndReadsNoAnswers_IsHungUp()
    {
        using var pair = new AgentPair();
        pair.Clipboard.Copy(new string('x', Most));
        Assert.True(pair.PumpUntil(() => pair.Guest.Texts.Count > 0));
        pair.Guest.IsPolite = false;
        pair.Guest.Hold();
        for (int i = 0; i < 100; i++)
        {
            pair.Guest.Send(Request, [.. pair.Guest.Selection(), .. Word(1)]);
        }

        Assert.True(pair.PumpUntil(() => pair.Log.Count > 0));
        Assert.Contains("it asks and reads no answers", Assert.Single(pair.Log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void MutatedStreams_NeverThrowAndNeverSpoilTheNextSession(int seed)
    {
        var random = new Random(seed);
        using var pair = new AgentPair();
        pair.Clipboard.Copy("the host's");
        pair.Pump();
        for (int round = 0; round < 300; round++)
        {
            byte[] stream = Stream(random);
            for (int i = random.Next(6); i > 0; i--)
            {
                stream[random.Next(stream.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)random.Next(20);
            }

            int cut = random.Next(stream.Length);
            pair.Guest.SendBytes(stream[..cut]);
            pair.Clipboard.SetFocus(random.Next(2) == 0);
            pair.Guest.SendBytes(stream[cut..]);
            if (random.Next(5) == 0)
            {
                pair.Guest.Reopen();
            }

            pair.Pump();
        }

        Assert.False(pair.Guest.IsClosed);
        pair.Guest.Reopen();
        pair.Clipboard.SetFocus(true);
        pair.Clipboard.Copy($"after {seed}");
        pair.Pump();
        pair.Guest.Copy("the guest's");
        pair.Pump();
        Assert.Equal("the guest's", pair.Clipboard.Written[^1]);
        Assert.Equal($"after {seed}", pair.Guest.Texts[^1]);
    }

    private static int[] Offsets<T>(params string[] fields) => [.. fields.Select(field => (int)Marshal.OffsetOf<T>(field))];

    private static byte[] Stream(Random random)
    {
        var bytes = new List<byte>();
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            uint type = (uint)random.Next(3, 16);
            byte[] body = new byte[random.Next(4) == 0 ? random.Next(3000) : 4 * random.Next(5)];
            random.NextBytes(body);
            if (body.Length >= 8)
            {
                BitConverter.TryWriteBytes(body, random.Next(3));
                BitConverter.TryWriteBytes(body.AsSpan(4), random.Next(3));
            }

            bytes.AddRange(Message(type, body));
        }

        return [.. bytes];
    }

    private static byte[] Message(uint type, byte[] body, uint protocol = 1)
    {
        byte[] message = [.. Word(protocol), .. Word(type), .. new byte[8], .. Word((uint)body.Length), .. body];
        return [.. message.Chunk(2048).SelectMany(piece => (byte[])[.. Word(1), .. Word((uint)piece.Length), .. piece])];
    }

    private static void Answer(AgentPair pair, byte[] text, uint type = 1)
    {
        bool polite = pair.Guest.IsPolite;
        pair.Guest.IsPolite = false;
        pair.Guest.Send(Grab, [.. pair.Guest.Selection(), .. Word(1)]);
        pair.Guest.Send(Text, [.. pair.Guest.Selection(), .. Word(type), .. text]);
        pair.Pump();
        pair.Guest.IsPolite = polite;
    }
}
