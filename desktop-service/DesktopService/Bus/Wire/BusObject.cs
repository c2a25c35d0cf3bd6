using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Text;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Bus.Wire;

/// <summary>
/// An object on the bus: its methods, its properties (org.freedesktop.DBus.Properties), its introspection. A call that
/// takes long holds up no other.
/// </summary>
internal abstract class BusObject : IPathMethodHandler
{
    private readonly ReadOnlyMemory<byte>[] _interfaces;
    private readonly DBusConnection _connection;

    /// <param name="connection">To the bus.</param>
    /// <param name="path">Of the object.</param>
    /// <param name="interfaces">Names of the introspection files; the first is the one with properties.</param>
    protected BusObject(DBusConnection connection, string path, params string[] interfaces)
    {
        _connection = connection;
        Path = path;
        Main = interfaces[0];
        // The library adds what it serves itself.
        _interfaces = [.. interfaces.Select(InterfaceFile.Read), IntrospectionXml.DBusProperties];
    }

    public string Path { get; }

    public bool HandlesChildPaths => false;

    /// <summary>The interface that has the properties.</summary>
    public string Main { get; }

    /// <summary>Properties of the main interface with their values now.</summary>
    public abstract IReadOnlyList<BusProperty> Properties { get; }

    /// <summary>The same of any interface of this object; empty where it has none.</summary>
    public virtual IReadOnlyList<BusProperty> PropertiesOf(string @interface) => @interface == Main || @interface.Length == 0 ? Properties : [];

    /// <summary>Tells by PropertiesChanged which properties of an interface have other values now.</summary>
    public void EmitChanged(string @interface, IReadOnlyList<BusProperty> changed) => Emit(BusNames.Properties, "PropertiesChanged", "sa{sv}as", (ref MessageWriter writer) =>
    {
        writer.WriteString(@interface);
        BusProperty.WriteAll(ref writer, changed);
        writer.WriteArray(Array.Empty<string>());
    });

    protected abstract IReadOnlyList<BusMethod> Methods { get; }

    public ValueTask HandleMethodAsync(MethodContext context)
    {
        if (context.IsDBusIntrospectRequest)
        {
            context.ReplyIntrospectXml(_interfaces, ReadOnlySpan<string>.Empty);
            return ValueTask.CompletedTask;
        }

        context.DisposesAsynchronously = true;
        _ = ServeAsync(context);
        return ValueTask.CompletedTask;
    }

    /// <summary>Emits a signal of this object.</summary>
    public void Emit(string @interface, string signal, string signature, BodyWriter write)
    {
        MessageWriter writer = _connection.GetMessageWriter();
        try
        {
            writer.WriteSignalHeader(null!, Path, @interface, signal, signature);
            write(ref writer);
            // False: the connection has gone, and so has everybody who could hear.
            _ = _connection.TrySendMessage(writer.CreateMessage());
        }
        finally
        {
            writer.Dispose();
        }
    }

    protected static string ReadString(BusCall call)
    {
        Reader body = call.Body;
        return body.ReadString();
    }

    protected static bool ReadBool(BusCall call)
    {
        Reader body = call.Body;
        return body.ReadBool();
    }

    private async Task ServeAsync(MethodContext context)
    {
        using (context)
        {
            var call = new BusCall(context);
            try
            {
                if (await DispatchAsync(call).ConfigureAwait(false) is { } error)
                {
                    call.Fail(error);
                }
            }
            catch (Exception failure) when (failure is not (OutOfMemoryException or DBusConnectionException))
            {
                // A defect must answer its caller, and must not end the service of all others.
                OutputFile.StandardError.WriteLine($"splitvmm: {call.Interface}.{call.Member} failed: {OneLine.Clean(failure.ToString())}");
                call.Fail(BusError.Failed(failure.Message));
            }
            catch (DBusConnectionException)
            {
                // The bus has gone; nobody waits for the answer.
            }
        }
    }

    private async Task<BusError?> DispatchAsync(BusCall call)
    {
        if (call.Interface == BusNames.Properties)
        {
            return ServeProperties(call);
        }

        BusMethod? method = Methods.FirstOrDefault(method => method.Name == call.Member && (call.Interface.Length == 0 || call.Interface == method.Interface));
        if (method is null)
        {
            call.Unknown();
            return null;
        }

        return method.Signature == call.Signature
            ? await method.Serve(call).ConfigureAwait(false)
            : BusError.InvalidArguments($"{method.Name} takes ({method.Signature}), not ({call.Signature})");
    }

    private BusError? ServeProperties(BusCall call)
    {
        Reader body = call.Body;
        switch (call.Member, call.Signature)
        {
            case ("GetAll", "s"):
                string all = body.ReadString();
                call.Reply("a{sv}", (ref MessageWriter writer) => BusProperty.WriteAll(ref writer, PropertiesOf(all)));
                return null;
            case ("Get" or "Set", "ss" or "ssv"):
                string @interface = body.ReadString();
                string name = body.ReadString();
                BusProperty? property = PropertiesOf(@interface).FirstOrDefault(candidate => candidate.Name == name);
                if (property is null)
                {
                    return BusError.UnknownProperty(name);
                }

                if (call.Member == "Set")
                {
                    return BusError.ReadOnly(name);
                }

                call.Reply("v", property.WriteVariant);
                return null;
            default:
                call.Unknown();
                return null;
        }
    }
}
