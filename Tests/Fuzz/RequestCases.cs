using System.Globalization;
using System.Text;
using ClusterTools.Api;
using ClusterTools.Api.Tests;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Fuzz;

/// <summary>Mutated requests to a real server on loopback before a node that does what it is asked.</summary>
internal sealed class RequestCases : IAsyncDisposable
{
    // Between two times at which everything is well again: nodes are back, and the configuration is the first.
    private const int Round = 100;

    private readonly TestApi api;
    private readonly RawClient[] clients;
    private readonly ClusterConfiguration first;
    private readonly List<(string Method, string Target, byte[] Body)> samples;
    private readonly SortedDictionary<int, long> statuses = [];
    private int played;

    private RequestCases(TestApi api)
    {
        this.api = api;
        clients =
            [
                new RawClient(api, api.Viewer), new RawClient(api, api.Operator), new RawClient(api, api.Administrator),
                new RawClient(api, api.Administrator)];
        first = api.Node.State.Configuration;
        samples = [.. api.Server.Routes.Select(r => (r.Method, TestApi.PathOf(r.Pattern), Array.Empty<byte>())), .. Changes()];
    }

    /// <summary>How many answers of each status there were.</summary>
    public string Answers =>
        string.Join(", ", statuses.Select(s => $"{(s.Key == 0 ? "closed" : s.Key.ToString(CultureInfo.InvariantCulture))} {s.Value:N0}"));

    public static async Task<RequestCases> StartAsync()
    {
        TestApi api = await TestApi.StartAsync(with: o => o with
        {
            MaxWait = TimeSpan.FromMilliseconds(5),
            SubmitLimit = TimeSpan.FromSeconds(2),
            ClientLimit = TimeSpan.FromSeconds(30),
        });
        var cases = new RequestCases(api);
        await cases.FillAsync();
        return cases;
    }

    /// <summary>Everything that has a limit is full from the beginning, so that nothing has a reason to grow.</summary>
    private async Task FillAsync()
    {
        for (int i = 0; i < Cluster.MaxOperations; i++)
        {
            api.Node.Apply(new MessageWritten($"written{i}", "fuzz", JournalSeverity.Information, new string('m', 200), "web", "node1"));
        }

        for (int i = 0; i < Node.Journal.MemoryLimit; i++)
        {
            api.Node.Tell(new string('t', 200), "web", "node1");
        }

        for (int i = 1; i < Cluster.MaxRunbooks; i++)
        {
            api.Node.Apply(new RunbookRequest($"book{i}", "fuzz", $"book{i}", $"\"{new string('b', 1000)}\""));
        }

        for (int i = 1; i <= Node.ConfigurationArchive.Limit; i++)
        {
            api.Node.Apply(
                new ConfigurationRequest(
                    $"fill{i}", "fuzz", first with { Version = first.Version + i, Timing = first.Timing with { PostFailDelay = i } }));
            _ = await api.Node.Configurations.ReadAllAsync(CancellationToken.None);
        }
    }

    public async Task<string?> PlayAsync(Random random, bool show, CancellationToken cancel)
    {
        if (played++ % Round == 0)
        {
            await RestoreAsync();
        }

        RawClient client = clients[random.Next(clients.Length)];
        byte[] request = Request(random);
        if (show)
        {
            Console.WriteLine(Encoding.UTF8.GetString(request));
        }

        (int status, string text) = await client.AskAsync(request, cancel);
        statuses[status] = statuses.GetValueOrDefault(status) + 1;
        if (show)
        {
            Console.WriteLine(text);
        }

        lock (api.Faults)
        {
            if (api.Faults is [var fault, ..])
            {
                api.Faults.Clear();
                return $"a fault: {fault}";
            }
        }

        return status == 500 ? $"answered with 500: {text}"
            : Secrets.In(text) ? $"a secret is told: {text}"
            : text.Contains("\n   at ", StringComparison.Ordinal) ? $"a stack trace is told: {text}"
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RawClient client in clients)
        {
            await client.DisposeAsync();
        }

        await api.DisposeAsync();
    }

    private async Task RestoreAsync()
    {
        // What is kept is in order: read, once all of it was written.
        _ = await api.Node.Configurations.ReadAllAsync(CancellationToken.None);
        api.Node.View(first.Nodes.Keys, Quorum.Quorate, continuous: false);
        ClusterConfiguration now = api.Node.State.Configuration;
        if (!ConfigurationEquality.Same(now with { Version = 1 }, first with { Version = 1 }))
        {
            api.Node.Apply(new ConfigurationRequest(Guid.NewGuid().ToString("N"), "fuzz", first with { Version = now.Version + 1 }));
        }
    }

    private byte[] Request(Random random)
    {
        (string method, string target, byte[] body) = samples[random.Next(samples.Count)];
        byte[] other = random.Next(2) == 0 ? Corpus.One(random) : samples[random.Next(samples.Count)].Body;
        byte[] path = Encoding.UTF8.GetBytes(target);
        byte[] headers =
            Encoding.UTF8.GetBytes(
                $"Host: localhost\r\nRequest-Id: {random.Next(1000)}\r\nIf-Match: \"{api.Node.State.Configuration.Version}\"\r\n");
        switch (random.Next(10))
        {
            case < 5:
                body = Mutator.Mutate(body, random, other);
                break;
            case < 8:
                path = Mutator.Mutate(path, random, other);
                break;
            case 8:
                headers = Mutator.Mutate(headers, random, other);
                break;
            default:
                method = Encoding.Latin1.GetString(Mutator.Mutate(Encoding.Latin1.GetBytes(method), random, other));
                break;
        }

        // Line ends would only begin another request, and spaces another version.
        path = [.. path.Where(b => b is not ((byte)'\r' or (byte)'\n' or (byte)' '))];
        body = Secrets.Named(body);
        byte[] length = Encoding.ASCII.GetBytes($"Content-Length: {body.Length}\r\n\r\n");
        byte[] head =
            Secrets.Without(
                [
                    .. Encoding.Latin1.GetBytes(method.Replace("\n", "", StringComparison.Ordinal)), (byte)' ', .. path,
                    .. " HTTP/1.1\r\n"u8, .. headers]);
        return [.. head, .. length, .. body];
    }

    private IEnumerable<(string Method, string Target, byte[] Body)> Changes()
    {
        static byte[] B(string text) => Encoding.UTF8.GetBytes(text);
        yield return ("POST", "/v1/groups/web/relocate?wait=1", B("""{"node":"node2","requestId":"r1"}"""));
        yield return ("POST", "/v1/groups/web/disable", B("""{"confirmReleased":true}"""));
        yield return ("POST", "/v1/groups/a%20b%20%252F%20100%25%20%C3%A9%3F%23/restart", B("{}"));
        yield return ("POST", "/v1/nodes/node2/drain?wait=1", B("""{"targetNode":"node3","reason":"disk"}"""));
        yield return ("POST", "/v1/nodes/node2/resume", B("""{"failbackPolicy":"immediate"}"""));
        yield return ("POST", "/v1/journal", B("""{"message":"disk swapped","severity":"warning","node":"node2","group":"web"}"""));
        yield return ("POST", "/v1/events", B("""{"name":"deployed","data":{"release":"7","who":"me"}}"""));
        yield return ("POST", "/v1/fence-devices/test", B("""{"node":"node1","device":"pdu"}"""));
        yield return ("POST", "/v1/cluster/force-quorum", B("""{"reason":"site lost","absentNodesAreDown":true}"""));
        yield return (
            "PUT", "/v1/runbooks/update?expected-version=0", B("""{"state":"running","done":["a","b"],"data":{"x":[1,2,{"y":null}]}}"""));
        yield return ("GET", "/v1/journal?limit=10&after=0&severity=warning&since=2026-01-31T08:00:00Z", []);
        yield return ("GET", "/v1/plan?lose=node1,node2", []);
        yield return ("GET", "/v1/plan?relocate=web&node=node2", []);
        yield return ("GET", "/v1/operations?phase=running&target=web", []);
        yield return ("GET", "/v1/resource-types?agent=*", []);
        string json = Encoding.UTF8.GetString(ConfigurationJson.Write(first));
        foreach (string query in new[] { "", "?dry-run", "?dry-run&show&reason=x" })
        {
            yield return ("PUT", "/v1/configuration" + query, B(json));
            yield return ("POST", "/v1/configuration/import" + query, B(json));
            foreach (byte[] classic in Corpus.Classic.Where(c => c.Length < 40_000))
            {
                yield return ("POST", "/v1/configuration/import" + query, classic);
            }
        }
    }
}
