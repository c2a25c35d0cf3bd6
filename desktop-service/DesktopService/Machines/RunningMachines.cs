using Grpc.Core;
using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.DesktopService.Machines;

/// <summary>The machines of this user that run now, by their control sockets.</summary>
internal static class RunningMachines
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    /// <summary>What each says of itself, by name. What a killed splitvmm left behind is no machine.</summary>
    public static List<MachineInfo> List()
    {
        var states = new List<MachineInfo>();
        foreach (string name in RuntimeFolder.Names())
        {
            try
            {
                if (TryConnect(name) is { } connection)
                {
                    using (connection)
                    {
                        states.Add(connection.Machine.GetState(new StateRequest(), deadline: DateTime.UtcNow + AnswerLimit));
                    }
                }
            }
            catch (RpcException)
            {
                // It ends right now, or does not answer: no machine to speak of.
            }
        }

        return states;
    }

    /// <summary>Connects to a machine.</summary>
    /// <param name="name">Null: the only one that runs.</param>
    /// <param name="error">One line, if null is returned.</param>
    public static MachineConnection? Find(string? name, out string error)
    {
        error = "";
        if (RuntimeFolder.Root is null)
        {
            error = "this session has no running machines to ask: XDG_RUNTIME_DIR is not set";
            return null;
        }

        if (name is null)
        {
            string[] names = [.. List().Select(state => state.Name)];
            if (names.Length != 1)
            {
                error = names.Length == 0 ? "no machine runs" : $"several machines run: name one of {string.Join(", ", names)}";
                return null;
            }

            name = names[0];
        }

        MachineConnection? connection = TryConnect(name);
        error = connection is null ? $"no machine named {name} runs; splitvmm list shows those that do" : "";
        return connection;
    }

    /// <summary>Connects to a machine by name; null: none of that name runs.</summary>
    public static MachineConnection? TryConnect(string name)
    {
        try
        {
            return MachineName.TryParse(name, out _, out _) && RuntimeFolder.Root is { } root
                ? new MachineConnection(UnixSocket.Connect(RuntimeFolder.SocketOf(root, name)))
                : null;
        }
        catch (Exception error) when (error is ErrnoException or ArgumentException)
        {
            return null;
        }
    }
}
