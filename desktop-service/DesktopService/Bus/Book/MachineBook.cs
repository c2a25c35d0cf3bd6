using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Definitions;
using SplitVmm.DesktopService.Machines;

namespace SplitVmm.DesktopService.Bus.Book;

/// <summary>
/// All machines of the user: those that are defined, and those that run, whoever started them. What runs is found by its
/// control socket, so that a service that was killed and started again knows as much as before.
/// </summary>
internal sealed class MachineBook(IBookReader reader, CancellationToken cancellation)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, MachineEntry> _machines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MachineFollower> _followers = [];

    /// <summary>By name.</summary>
    public IReadOnlyList<MachineEntry> Machines
    {
        get
        {
            lock (_gate)
            {
                return [.. _machines.Values];
            }
        }
    }

    public MachineEntry? Find(string name)
    {
        lock (_gate)
        {
            return _machines.GetValueOrDefault(name);
        }
    }

    /// <summary>Looks at the folders again.</summary>
    /// <returns>When every machine that was found has said what it does. False: there is a socket that nobody serves yet, or any more.</returns>
    public async Task<bool> RefreshAsync()
    {
        bool isComplete = true;
        string[] running = RuntimeFolder.Names();
        List<Task> known;
        lock (_gate)
        {
            foreach (string name in running.Where(name => !_followers.ContainsKey(name)))
            {
                if (RunningMachines.TryConnect(name) is { } connection)
                {
                    Follow(name, connection);
                }
                else
                {
                    isComplete = false;
                }
            }

            known = [.. _followers.Values.Select(follower => follower.Known)];
        }

        _ = await Task.WhenAny(Task.WhenAll(known), Task.Delay(AnswerLimit, cancellation)).ConfigureAwait(false);
        lock (_gate)
        {
            ReadDefinitions();
        }

        return isComplete;
    }

    private void Follow(string name, MachineConnection connection)
    {
        var follower = new MachineFollower(name, connection, OnInfo, OnEvent);
        _followers[name] = follower;
        _ = Task.Run(
            async () =>
            {
                await follower.RunAsync(cancellation).ConfigureAwait(false);
                OnGone(name);
            },
            CancellationToken.None);
    }

    private void ReadDefinitions()
    {
        string[] defined = DefinitionFolder.Names();
        foreach (string name in defined)
        {
            string title = DefinitionFolder.Find(name, out _)?.Title ?? name;
            Put((_machines.GetValueOrDefault(name) ?? new MachineEntry(name, title, true, null)) with { Title = title, IsDefined = true });
        }

        foreach (MachineEntry machine in _machines.Values.Where(machine => machine.IsDefined && !defined.Contains(machine.Name)).ToArray())
        {
            Put(machine with { IsDefined = false });
        }
    }

    // Under the gate.
    private void Put(MachineEntry now)
    {
        MachineEntry? before = _machines.GetValueOrDefault(now.Name);
        if (now is { IsDefined: false, Info: null })
        {
            if (before is not null)
            {
                if (before != now)
                {
                    reader.OnChanged(before, now);
                }

                _ = _machines.Remove(now.Name);
                reader.OnRemoved(now);
            }

            return;
        }

        _machines[now.Name] = now;
        if (before is null)
        {
            reader.OnAdded(now);
        }
        else if (before != now)
        {
            reader.OnChanged(before, now);
        }
    }

    private void OnInfo(string name, MachineInfo info)
    {
        lock (_gate)
        {
            Put((_machines.GetValueOrDefault(name) ?? Unknown(name)) with { Info = info });
        }
    }

    private void OnEvent(string name, MachineEvent item)
    {
        lock (_gate)
        {
            if (_machines.GetValueOrDefault(name) is not { } machine)
            {
                return;
            }

            switch (item)
            {
                case { Kind: "recovery", Step: "restarted" }:
                    reader.OnRecovered(machine, item.Process, item.Text);
                    break;
                case { Kind: "recovery", Planned: false }:
                    reader.OnCrashed(machine, item.Process, item.Text, isFinal: item.Step == "given-up");
                    break;
                case { Kind: "ended" }:
                    reader.OnEnded(machine, item.Step == "ok", item.Text);
                    break;
            }
        }
    }

    private void OnGone(string name)
    {
        lock (_gate)
        {
            _ = _followers.Remove(name);
            if (!cancellation.IsCancellationRequested && _machines.GetValueOrDefault(name) is { } machine)
            {
                Put(machine with { Info = null });
            }
        }
    }

    private static MachineEntry Unknown(string name) =>
        DefinitionFolder.Exists(name)
            ? new MachineEntry(name, DefinitionFolder.Find(name, out _)?.Title ?? name, IsDefined: true, null)
            : new MachineEntry(name, name, IsDefined: false, null);
}
