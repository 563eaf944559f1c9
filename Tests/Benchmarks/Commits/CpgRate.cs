using ClusterTools.Engines.Corosync;
using ClusterTools.Engines.Tests.Corosync.Network;

namespace ClusterTools.Benchmarks.Commits;

/// <summary>What corosync's process groups do alone: members that say as much as it takes, and count what they hear.</summary>
internal static class CpgRate
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <summary>Messages a second that every member hears.</summary>
    /// <param name="network">The machines.</param>
    /// <param name="names">Of the machines.</param>
    /// <param name="senders">How many of them say something.</param>
    /// <param name="size">Bytes of a message.</param>
    /// <param name="window">How long is measured.</param>
    public static async Task<double> MeasureAsync(
        CorosyncNetwork network, IReadOnlyList<string> names, int senders, int size, TimeSpan window)
    {
        string group = Guid.NewGuid().ToString("N");
        CpgMember[] members = [.. names.Select((name, at) => new CpgMember(network, name, group, at < senders ? size : null))];
        try
        {
            await Task.WhenAll(members.Select(m => m.Joined)).ConfigureAwait(false);
            await Task.Delay(WarmUp).ConfigureAwait(false);
            long[] before = [.. members.Select(m => m.Heard)];
            await Task.Delay(window).ConfigureAwait(false);
            return members.Select((m, at) => m.Heard - before[at]).Min() / window.TotalSeconds;
        }
        finally
        {
            foreach (CpgMember member in members)
            {
                member.Dispose();
            }
        }
    }

    private sealed class CpgMember : IProcessGroupListener, IDisposable
    {
        private const int MostAtOnce = 64;
        private const int StartLimit = 60_000;

        private readonly Thread thread;
        private readonly TaskCompletionSource joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long heard;
        private volatile bool ends;

        public CpgMember(CorosyncNetwork network, string name, string group, int? size)
        {
            thread = new Thread(() => Run(network, name, group, size), 4 * 1024 * 1024) { IsBackground = true };
            thread.Start();
        }

        public Task Joined => joined.Task;

        public long Heard => Interlocked.Read(ref heard);

        public void OnMembers(IReadOnlyList<Peer> members)
        {
        }

        public void OnBytes(Peer from, ReadOnlySpan<byte> bytes) => Interlocked.Increment(ref heard);

        public void Dispose()
        {
            ends = true;
            thread.Join();
        }

        private void Run(CorosyncNetwork network, string name, string groupName, int? size)
        {
            try
            {
                network.Enter(name);
                using var wake = new WakeEvent();
                using ProcessGroup group = Join(groupName);
                joined.SetResult();
                byte[] message = new byte[size ?? 0];
                while (!ends)
                {
                    bool isBusy = false;
                    for (int i = 0; i < MostAtOnce && group.Dispatch(); i++)
                    {
                        isBusy = true;
                    }

                    for (int i = 0; i < MostAtOnce && size is not null && group.TrySend(message); i++)
                    {
                        isBusy = true;
                    }

                    if (!isBusy)
                    {
                        wake.Wait(group.Descriptor, 1);
                    }
                }
            }
            catch (RingUnavailableException e)
            {
                joined.TrySetException(e);
            }
        }

        /// <summary>Corosync may still be starting.</summary>
        private ProcessGroup Join(string name)
        {
            long deadline = Environment.TickCount64 + StartLimit;
            while (true)
            {
                try
                {
                    return ProcessGroup.Join(name, this);
                }
                catch (RingUnavailableException) when (Environment.TickCount64 < deadline)
                {
                    Thread.Sleep(100);
                }
            }
        }
    }
}
