using System.Text;
using System.Text.RegularExpressions;
using SplitVmm.DisplayProcess.Viewers.Messages;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Viewers;

/// <summary>The authentication as clients of several implementations speak it.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed partial class HandshakeTests
{
    [Theory]
    // GLib asks for the mechanisms first; sd-bus and zbus send all at once; libdbus sends the name in a line of its own.
    [InlineData("\0AUTH\r\n|AUTH EXTERNAL 30\r\n|NEGOTIATE_UNIX_FD\r\n|BEGIN\r\n", "REJECTED EXTERNAL\r\n|OK G\r\n|AGREE_UNIX_FD\r\n|")]
    [InlineData("\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n", "OK G\r\nAGREE_UNIX_FD\r\n")]
    [InlineData("\0AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n", "DATA\r\nOK G\r\nAGREE_UNIX_FD\r\n")]
    [InlineData("\0|AU|TH ANONYMOUS\r\n|AUTH EXTERNAL 30\r|\nBEGIN\r\n", "||REJECTED EXTERNAL\r\n||OK G\r\n")]
    public void Client_ThatSpeaksRight_IsLetIn(string said, string answers)
    {
        var handshake = new Handshake();
        string waiting = "";
        foreach ((string part, string expected) in said.Split('|').Zip(answers.Split('|')))
        {
            waiting += part;
            Assert.True(handshake.TryTake(Encoding.Latin1.GetBytes(waiting), out int taken, out string answer));
            waiting = waiting[taken..];
            Assert.Equal(expected, Guid().Replace(answer, "G"));
        }

        Assert.True(handshake.IsDone);
        Assert.Equal("", waiting);
    }

    [Fact]
    public void Messages_BehindBegin_AreLeft()
    {
        var handshake = new Handshake();
        Assert.True(handshake.TryTake("\0AUTH EXTERNAL 30\r\nBEGIN\r\nl\u0001"u8, out int taken, out _));
        Assert.True(handshake.IsDone);
        Assert.Equal(26, taken);
    }

    [Theory]
    [InlineData("AUTH EXTERNAL 30\r\n")]
    [InlineData("\0AUTH EXTERNAL 30")]
    public void Client_ThatSpeaksWrong_OrWithoutEnd_IsNot(string said)
    {
        var handshake = new Handshake();
        Assert.False(handshake.TryTake(Encoding.Latin1.GetBytes(said.PadRight(said[0] == 0 ? 2000 : 1, 'x')), out _, out _));
    }

    [Fact]
    public void Begin_BeforeAuthentication_IsAnErrorAndNoBeginning()
    {
        var handshake = new Handshake();
        Assert.True(handshake.TryTake("\0NEGOTIATE_UNIX_FD\r\nBEGIN\r\nAUTH KERBEROS\r\n"u8, out _, out string answer));
        Assert.False(handshake.IsDone);
        Assert.Equal("ERROR\r\nERROR\r\nREJECTED EXTERNAL\r\n", answer);
    }

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex Guid();
}
