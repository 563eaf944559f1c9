using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ClusterTools.Engines;
using ClusterTools.Engines.Host;
using ClusterTools.Engines.Local;

// FOLDER NODE INCARNATION TOKEN VOTES(a=1,b=1,c=1) [two]   or: measure FOLDER TOKEN ROUNDS
if (args is ["measure", ..])
{
    return await Measurement.RunAsync(
        args[1], int.Parse(args[2], CultureInfo.InvariantCulture), int.Parse(args[3], CultureInfo.InvariantCulture));
}

bool stopInNextTransaction = false;
Member[] lastQuorate = [];
Dictionary<string,
    int> votes = args[4].Split(',').Select(vote => vote.Split('='))
    .ToDictionary(vote => vote[0], vote => int.Parse(vote[1], CultureInfo.InvariantCulture));
await using LocalEngine engine = new(new LocalEngineOptions
{
    Folder = args[0],
    Node = args[1],
    Incarnation = long.Parse(args[2], CultureInfo.InvariantCulture),
    Token = int.Parse(args[3], CultureInfo.InvariantCulture),
    Votes = new VoteTable(votes, votes.Values.Sum(), TwoNode: args is [.., "two"]),
    Log = text => Say($"log {text}"),
    InTransaction = () =>
    {
        if (stopInNextTransaction)
        {
            stopInNextTransaction = false;
            Say("stopping in transaction");
            Native.StopOwnProcess();
            // The signal may reach another thread first, and this one must not get to the end of its transaction before all stand still.
            // Nobody wakes it again.
            Thread.Sleep(Timeout.Infinite);
        }
    },
});
Task events = PrintEventsAsync();
while (await Console.In.ReadLineAsync() is { } line)
{
    string[] words = line.Split(' ');
    switch (words[0])
    {
        case "propose":
            _ = ProposeAsync(words[1], () => engine.ProposeAsync(Encoding.UTF8.GetBytes(words[1]), CancellationToken.None));
            break;
        case "open":
            _ = ProposeAsync(words[1], () => engine.OpenEpochAsync(Encoding.UTF8.GetBytes(words[1]), CancellationToken.None));
            break;
        case "stop-in-transaction":
            stopInNextTransaction = true;
            break;
        case "flood":
            _ = FloodAsync(int.Parse(words[1], CultureInfo.InvariantCulture));
            break;
        case "leave":
            await engine.LeaveAsync(CancellationToken.None);
            break;
        default:
            Say($"unknown command {line}");
            break;
    }
}

return 0;

async Task PrintEventsAsync()
{
    try
    {
        await foreach (EngineEvent happening in engine.RunAsync(CancellationToken.None))
        {
            Say(Describe(happening));
        }

        Say("end");
    }
    catch (Exception error)
    {
        Say($"failed {error.GetType().Name} {error.Message}");
    }
}

async Task ProposeAsync(string name, Func<Task<long>> propose)
{
    try
    {
        Say($"done {name} {await propose()}");
    }
    catch (Exception error)
    {
        Say($"refused {name} {error.GetType().Name}");
    }
}

// Entry after entry, so that whoever kills this process has a good chance to hit it in the middle of one.
async Task FloodAsync(int count)
{
    for (int number = 0; number < count; number++)
    {
        await ProposeAsync(
            $"{engine.Self.Node}-{number}", () =>
            engine.ProposeAsync(Encoding.UTF8.GetBytes($"{engine.Self.Node}-{number}"), CancellationToken.None));
    }
}

string Describe(EngineEvent happening) => happening switch
{
    SnapshotDelivered snapshot => $"snapshot {snapshot.Index} {snapshot.Epoch} {snapshot.State.Length}",
    Committed entry =>
    $"commit {entry.Index} {entry.Epoch} {entry.Origin.Node}:{entry.Origin.Incarnation} {Encoding.UTF8.GetString(entry.Payload.Span)}",
    ViewChanged view => DescribeView(view),
    Expelled expelled => $"expelled {expelled.Index} {expelled.Reason}",
    _ => throw new InvalidOperationException($"Unknown event {happening}."),
};

string DescribeView(ViewChanged view)
{
    Member[] missing = [.. lastQuorate.Except(view.Members)];
    lastQuorate = view.Quorum == ViewQuorum.Quorate ? [.. view.Members] : lastQuorate;
    return $"view {view.Index} {view.Epoch} {string.Join(',', view.Members.Select(member => $"{member.Node}:{member.Incarnation}"))} "
        + $"{view.Quorum} {(view.Continuous ? "continuous" : "interrupted")} "
        + $"silent={string.Join(',', missing.Select(member => $"{member.Node}:{engine.LastHeard(member) ?? 0}"))}";
}

static void Say(string text)
{
    lock (Console.Out)
    {
        Console.WriteLine($"{BootClock.Now} {text}");
        Console.Out.Flush();
    }
}

internal static partial class Native
{
    private const int SigStop = 19;

    public static void StopOwnProcess() => _ = Kill(Environment.ProcessId, SigStop);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
