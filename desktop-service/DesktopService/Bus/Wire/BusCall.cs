using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Bus.Wire;

/// <summary>A method call from its arrival to its answer.</summary>
internal sealed class BusCall(MethodContext context)
{
    public string Interface { get; } = context.Request.InterfaceAsString ?? "";

    public string Member { get; } = context.Request.MemberAsString ?? "";

    /// <summary>Of the arguments.</summary>
    public string Signature { get; } = context.Request.SignatureAsString ?? "";

    public Reader Body => context.Request.GetBodyReader();

    public void Reply() => Reply("", (ref MessageWriter _) => { });

    public void Reply(string signature, BodyWriter write)
    {
        if (context.NoReplyExpected)
        {
            return;
        }

        MessageWriter writer = context.CreateReplyWriter(signature.Length == 0 ? null! : signature);
        try
        {
            write(ref writer);
            context.Reply(writer.CreateMessage());
        }
        finally
        {
            writer.Dispose();
        }
    }

    public void Fail(BusError error)
    {
        if (!context.NoReplyExpected)
        {
            context.ReplyError(error.Name, error.Text);
        }
    }

    public void Unknown() => context.ReplyUnknownMethodError();
}
