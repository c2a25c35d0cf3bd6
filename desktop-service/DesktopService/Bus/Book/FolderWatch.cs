using System.Threading.Channels;
using SplitVmm.DesktopService.Definitions;
using SplitVmm.DesktopService.Machines;

namespace SplitVmm.DesktopService.Bus.Book;

/// <summary>Notices machines that begin to run, and definitions that change, by inotify; and has the book read them.</summary>
internal sealed class FolderWatch : IDisposable
{
    /// <summary>A socket is there a moment before it is listened on.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private const int MostTries = 20;

    private readonly Channel<bool> _wishes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private readonly MachineBook _book;
    private readonly FileSystemWatcher? _session;
    private readonly FileSystemWatcher? _definitions;
    private FileSystemWatcher? _running;

    public FolderWatch(MachineBook book)
    {
        _book = book;
        if (RuntimeFolder.Root is { } root)
        {
            // The folder of running machines goes with the last of them.
            _session = Watch(Path.GetDirectoryName(root)!, Path.GetFileName(root), deep: false);
        }

        Attach();
        _definitions = Watch(DefinitionFolder.Root, "*.toml", deep: false);
    }

    /// <summary>Reads again whenever something has changed.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (bool _ in _wishes.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                Attach();
                for (int left = MostTries; left > 0 && !await _book.RefreshAsync().ConfigureAwait(false); left--)
                {
                    await Task.Delay(Pace, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The service ends.
        }
    }

    public void Dispose()
    {
        _session?.Dispose();
        _definitions?.Dispose();
        lock (_gate)
        {
            _running?.Dispose();
        }
    }

    private void Attach()
    {
        lock (_gate)
        {
            _running?.Dispose();
            _running = RuntimeFolder.Root is { } root ? Watch(root, "*", deep: true) : null;
        }
    }

    private FileSystemWatcher? Watch(string folder, string filter, bool deep)
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }

        try
        {
            var watcher = new FileSystemWatcher(folder, filter)
            {
                IncludeSubdirectories = deep,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite,
            };
            watcher.Created += (_, _) => Wish();
            watcher.Deleted += (_, _) => Wish();
            watcher.Renamed += (_, _) => Wish();
            watcher.Changed += (_, _) => Wish();
            // What was missed may be anything.
            watcher.Error += (_, _) => Wish();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception error) when (error is IOException or ArgumentException)
        {
            // It has gone since, or inotify has no more watches: then what is asked for is read when it is asked for.
            return null;
        }
    }

    private void Wish() => _wishes.Writer.TryWrite(true);
}
