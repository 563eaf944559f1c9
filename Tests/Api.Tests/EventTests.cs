using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using ClusterTools.Contract;

namespace ClusterTools.Api.Tests;

public sealed class EventTests
{
    private static T Read<T>(SseItem<string> item) => JsonSerializer.Deserialize<T>(item.Data, ApiJson.Strict)!;

    private static async IAsyncEnumerable<SseItem<string>> EventsAsync(HttpClient http, string? after, string? filter)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events" + (filter is null ? "" : "?" + filter));
        if (after is not null)
        {
            request.Headers.Add("Last-Event-ID", after);
        }

        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestApi.Timeout);
        response.EnsureSuccessStatusCode();
        await using System.IO.Stream body = await response.Content.ReadAsStreamAsync(TestApi.Timeout);
        await foreach (SseItem<string> item in SseParser.Create(body).EnumerateAsync(TestApi.Timeout))
        {
            yield return item;
        }
    }

    private sealed class Stream(IAsyncEnumerator<SseItem<string>> items) : IAsyncDisposable
    {
        public static async Task<Stream> OpenAsync(HttpClient http, string? after = null, string? filter = null)
        {
            var stream = new Stream(EventsAsync(http, after, filter).GetAsyncEnumerator(TestApi.Timeout));
            Assert.Equal("hello", (await stream.NextAsync()).EventType);
            return stream;
        }

        public async Task<SseItem<string>> NextAsync()
        {
            Assert.True(await items.MoveNextAsync(), "the stream has ended");
            return items.Current;
        }

        public async Task<SseItem<string>> NextAsync(string kind, Func<SseItem<string>, bool>? that = null)
        {
            while (true)
            {
                SseItem<string> item = await NextAsync();
                if (item.EventType == kind && that?.Invoke(item) is not false)
                {
                    return item;
                }
            }
        }

        public async Task<bool> EndsAsync() => !await items.MoveNextAsync();

        public ValueTask DisposeAsync() => items.DisposeAsync();
    }

    [Fact]
    public async Task A_change_shows_as_state_operation_and_journal()
    {
        await using TestApi api = await TestApi.StartAsync();
        await using Stream stream = await Stream.OpenAsync(api.Http(api.Viewer));
        Operation asked = await api.Client(api.Operator).GroupAsync("web", "restart", null, TestApi.Timeout);
        var missing = new HashSet<string> { "state", "operation", "journal" };
        while (missing.Count > 0)
        {
            SseItem<string> item = await stream.NextAsync();
            bool fits = item.EventType switch
            {
                "state" => Read<StateChange>(item).Groups.Contains("web"),
                "operation" => Read<Operation>(item) is { Phase: OperationPhase.Succeeded } done && done.Id == asked.Id,
                "journal" => Read<JournalEntry>(item).Group == "web",
                _ => false,
            };
            if (fits)
            {
                missing.Remove(item.EventType);
            }
        }
    }

    [Fact]
    public async Task Hello_says_where_the_stream_begins()
    {
        await using TestApi api = await TestApi.StartAsync();
        await foreach (SseItem<string> item in EventsAsync(api.Http(api.Viewer), null, null))
        {
            StreamBegin hello = Read<StreamBegin>(item);
            Assert.Equal("node1", hello.Node);
            Assert.Equal(api.Node.State.Index, hello.Index);
            Assert.Equal(Quorum.Quorate, hello.Quorum);
            break;
        }
    }

    [Fact]
    public async Task A_stream_is_resumed_after_the_last_id_without_loss_or_repetition()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient client = api.Http(api.Viewer);
        string last;
        await using (Stream stream = await Stream.OpenAsync(client, filter: "kinds=journal"))
        {
            api.Node.Tell("one");
            api.Node.Tell("two");
            Assert.Equal("one", Read<JournalEntry>(await stream.NextAsync()).Message);
            SseItem<string> two = await stream.NextAsync();
            Assert.Equal("two", Read<JournalEntry>(two).Message);
            last = two.EventId!;
        }

        api.Node.Tell("three");
        await using Stream again = await Stream.OpenAsync(client, last, "kinds=journal");
        api.Node.Tell("four");
        Assert.Equal("three", Read<JournalEntry>(await again.NextAsync()).Message);
        Assert.Equal("four", Read<JournalEntry>(await again.NextAsync()).Message);
    }

    [Fact]
    public async Task An_id_of_another_node_is_resumed_by_event_index()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.Tell("before");
        api.Node.Apply(new Core.Tick());
        long index = api.Node.State.Index;
        api.Node.Tell("after");
        await using Stream stream = await Stream.OpenAsync(api.Http(api.Viewer), $"node2:4711:{index}", "kinds=journal");
        Assert.Equal("after", Read<JournalEntry>(await stream.NextAsync("journal", i => Read<JournalEntry>(i).Kind == "test")).Message);
    }

    [Fact]
    public async Task A_filter_lets_through_what_concerns_the_group()
    {
        await using TestApi api = await TestApi.StartAsync();
        await using Stream stream = await Stream.OpenAsync(api.Http(api.Viewer), filter: "group=web&kinds=journal");
        api.Node.Tell("other", group: "files");
        api.Node.Tell("mine", group: "web");
        Assert.Equal("mine", Read<JournalEntry>(await stream.NextAsync()).Message);
    }

    [Fact]
    public async Task A_revoked_grant_ends_the_stream_at_once_with_nothing_more()
    {
        await using TestApi api = await TestApi.StartAsync();
        await using Stream stream = await Stream.OpenAsync(api.Http(api.Viewer), filter: "kinds=operation,state");
        api.Revoke(api.Viewer);
        SseItem<string> end = await stream.NextAsync();
        Assert.Equal("end", end.EventType);
        Assert.Equal("access-revoked", Read<StreamEnd>(end).Code);
        Assert.True(await stream.EndsAsync());
    }

    [Fact]
    public async Task A_quiet_stream_shows_signs_of_life()
    {
        await using TestApi api = await TestApi.StartAsync(with: o => o with { Heartbeat = TimeSpan.FromMilliseconds(50) });
        using HttpResponseMessage response = await api.Http(api.Viewer).GetAsync("/v1/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        int beats = 0;
        while (beats < 2)
        {
            beats += await reader.ReadLineAsync(TestApi.Timeout) == ":" ? 1 : 0;
        }
    }

    [Fact]
    public async Task Streams_are_limited_and_given_back()
    {
        await using TestApi api =
            await TestApi.StartAsync(with: o => o with { MaxStreams = 3, MaxStreamsOfOne = 2, Heartbeat = TimeSpan.FromMilliseconds(50) });
        HttpClient viewer = api.Http(api.Viewer);
        Stream first = await Stream.OpenAsync(viewer);
        await using Stream second = await Stream.OpenAsync(viewer);
        await api.Http(api.Viewer).GetAsync("/v1/events").ProblemAsync(503, ProblemCodes.TooManyStreams);
        await using Stream third = await Stream.OpenAsync(api.Http(api.Operator));
        await api.Http(api.Administrator).GetAsync("/v1/events").ProblemAsync(503, ProblemCodes.TooManyStreams);
        Assert.Contains("clustertools_event_streams 3", await viewer.GetStringAsync("/metrics", TestApi.Timeout), StringComparison.Ordinal);
        await first.DisposeAsync();

        // The server learns of it when it next writes.
        while (
            !(await viewer.GetStringAsync("/metrics", TestApi.Timeout)).Contains("clustertools_event_streams 2", StringComparison.Ordinal))
        {
            TestApi.Timeout.ThrowIfCancellationRequested();
        }

        await using Stream fourth = await Stream.OpenAsync(viewer);
    }

    [Fact]
    public async Task A_client_that_reads_nothing_is_let_go_and_others_go_on()
    {
        await using TestApi api = await TestApi.StartAsync(with: o => o with { ClientLimit = TimeSpan.FromMilliseconds(300) });
        using HttpResponseMessage deaf = await api.Http(api.Operator).GetAsync("/v1/events", HttpCompletionOption.ResponseHeadersRead);
        await using Stream stream = await Stream.OpenAsync(api.Http(api.Viewer), filter: "kinds=journal");
        HttpClient viewer = api.Http(api.Viewer);
        string large = new('x', 4_000);
        while (
            !(await viewer.GetStringAsync("/metrics", TestApi.Timeout))
            .Contains("clustertools_event_streams 1\n", StringComparison.Ordinal))
        {
            for (int i = 0; i < 20; i++)
            {
                api.Node.Tell(large);
                await stream.NextAsync("journal");
            }
        }

        api.Node.Tell("still here");
        await stream.NextAsync("journal", i => Read<JournalEntry>(i).Message == "still here");
    }

    [Fact]
    public async Task Stopping_the_server_ends_streams_and_long_polls()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.Hold = true;
        Operation running = await api.Client(api.Operator).GroupAsync("web", "restart", null, TestApi.Timeout);
        Task arrived = api.Node.NextWaitAsync();
        Task<HttpResponseMessage> poll = api.Http(api.Operator).GetAsync($"/v1/operations/{running.Id}?wait=60");
        await arrived;
        await using Stream stream = await Stream.OpenAsync(api.Http(api.Viewer));
        await api.Server.StopAsync(TestApi.Timeout);
        Assert.True(await stream.EndsAsync());
        await poll.ProblemAsync(503, ProblemCodes.Stopping);
    }

    [Fact]
    public async Task What_was_asked_for_before_the_server_stops_is_answered()
    {
        await using TestApi api = await TestApi.StartAsync();
        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        api.Node.SubmitAnswers = answers;
        await using Stream stream = await Stream.OpenAsync(api.Http(api.Viewer));
        Task<HttpResponseMessage> asked = api.Http(api.Administrator)
            .PostAsync("/v1/cluster/stop", new StringContent("{}", null, "application/json"));
        while (api.Node.Submissions == 0)
        {
            await Task.Delay(5);
        }

        Task stopped = api.Server.StopAsync(TestApi.Timeout);
        // The end of streams is the first thing of it.
        bool ends = false;
        while (!ends)
        {
            ends = await stream.EndsAsync();
        }

        answers.SetResult();
        using HttpResponseMessage answer = await asked;
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await stopped;
    }
}
