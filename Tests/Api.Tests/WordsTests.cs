using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTools.Core;
using Contract = ClusterTools.Contract;
using ProblemCodes = ClusterTools.Contract.ProblemCodes;

namespace ClusterTools.Api.Tests;

/// <summary>What callers say in words: taken whole and plain, or refused; and whatever was said, no answer is large.</summary>
public sealed class WordsTests
{
    private const int Length = 60_000;

    private const int SmallAnswer = Pages.MostBytes + 64 * 1024;

    /// <summary>Every place of the API that takes words, with the limit of each.</summary>
    public static TheoryData<string, string, string, int> Places => new()
    {
        { "/v1/events", """{"name":"?"}""", "name", Cluster.MaxUserEventName },
        { "/v1/events", """{"name":"deploy","data":"?"}""", "data", Cluster.MaxUserEventData },
        { "/v1/journal", """{"message":"?"}""", "message", TextLimits.Message },
        { "/v1/nodes/node1/drain", """{"reason":"?"}""", "reason", TextLimits.Reason },
        { "/v1/nodes/node1/fence-off", """{"reason":"?"}""", "reason", TextLimits.Reason },
        { "/v1/nodes/node2/confirm-down", """{"reason":"?"}""", "reason", TextLimits.Reason },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Words_that_are_too_long_are_refused_with_the_place_and_the_limit(string path, string body, string place, int limit)
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        foreach (int length in (int[])[limit + 1, Length])
        {
            Contract.Problem problem = await http.PostAsync(path, Body(body, new string('A', length)))
                .ProblemAsync(400, ProblemCodes.BadRequest);
            Contract.ConfigurationProblem named = Assert.Single(problem.Problems!);
            Assert.Equal(place, named.Path);
            Assert.Contains($"the limit is {limit:N0}", problem.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(0, api.Node.Submissions);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Characters_that_can_not_be_seen_are_refused_and_shown_escaped(string path, string body, string place, int limit)
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        Assert.True(limit > 0);
        foreach (string hidden in (string[])["a\u202Eb", "a\u001b[2J", "a\nb", "a\u200Bb", "a\u0000b", "\u2066a", "a\U000E0041"])
        {
            using HttpResponseMessage response = await http.PostAsync(path, Body(body, hidden));
            Contract.Problem problem = await response.ProblemAsync(400, ProblemCodes.BadRequest);
            Assert.Equal(place, Assert.Single(problem.Problems!).Path);
            Assert.Matches("U\\+[0-9A-F]{4,6}", problem.Detail);
            Assert.True(PlainText.IsPlain(problem.Detail + problem.Remedy));
        }

        Assert.Equal(0, api.Node.Submissions);
    }

    [Theory]
    [InlineData("POST", "/v1/cluster/force-quorum", """{"reason":"?","absentNodesAreDown":true}""")]
    [InlineData("PUT", "/v1/runbooks/?", "{}")]
    [InlineData("PUT", "/v1/configuration?reason=?", "{}")]
    [InlineData("POST", "/v1/configuration/restore?version=1&reason=?", "")]
    public async Task So_are_those_in_a_path_a_query_or_an_urgent_request(string method, string path, string body)
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        foreach (string bad in (string[])["x\u202Ey", "x\u0007y", new string('x', 4100)])
        {
            using var message =
                new HttpRequestMessage(
                    new HttpMethod(method),
                    path.Replace("=?", "=" + Uri.EscapeDataString(bad), StringComparison.Ordinal)
                    .Replace("/?", "/" + Uri.EscapeDataString(bad), StringComparison.Ordinal))
            {
                Content = Body(body, bad),
            };
            await http.SendAsync(message).ProblemAsync(400, ProblemCodes.BadRequest);
        }

        Assert.Equal(0, api.Node.Submissions);
        Assert.Null(api.Node.ForcedBy);
    }

    [Fact]
    public async Task Five_hundred_names_of_sixty_thousand_characters_leave_nothing_behind()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        long before = JsonSerializer.SerializeToUtf8Bytes(api.Node.State, CoreJson.Options).Length;
        for (int i = 0; i < 500; i++)
        {
            // Some come as the API lets them through no more: proposed by a node of before.
            string name = new string('A', Length) + i;
            await http.PostAsync("/v1/events", Body("""{"name":"?"}""", name)).ProblemAsync(400, ProblemCodes.BadRequest);
            api.Node.Apply(new UserEvent($"old-{i}", "oscar", name, name));
        }

        long state = JsonSerializer.SerializeToUtf8Bytes(api.Node.State, CoreJson.Options).Length;
        Assert.InRange(state, before, before + 1024 * 1024);
        Assert.InRange((await http.GetByteArrayAsync("/v1/operations")).Length, 1, SmallAnswer);
        Assert.InRange((await http.GetByteArrayAsync("/v1/journal?limit=1000")).Length, 1, SmallAnswer);
        Assert.InRange(api.Node.Journal.Read(0, int.MaxValue).Sum(r => (long)r.Entry.Message.Length), 1, 1024 * 1024);
        await http.GetAsync("/v1/nodes/" + new string('n', 7000)).ProblemAsync(404, ProblemCodes.NotFound);
    }

    [Fact]
    public async Task Operations_come_in_pages_none_is_large_and_together_they_are_all()
    {
        await using TestApi api = await TestApi.StartAsync();
        for (int i = 0; i < Cluster.MaxOperations; i++)
        {
            // As long as the Core keeps it, and in letters that JSON needs six characters for.
            api.Node.Apply(new GroupRequest($"r{i:0000}", new string('é', 400), new string('\u00e9', 255), GroupOperation.Enable));
        }

        HttpClient http = api.Http(api.Viewer);
        string[] all = [.. api.Node.State.OperationOrder];
        List<string> seen = await FollowAsync(http, "/v1/operations", pages => Assert.True(pages > 2, $"{pages} pages"));
        Assert.Equal(all, seen);
        Assert.Equal(all[..7], (await FollowAsync(http, "/v1/operations?limit=3", null))[..7]);
        Assert.Equal(
            all, (await api.Client(api.Viewer).GetAllAsync<Contract.Operation>("/v1/operations", TestApi.Timeout)).Select(o => o.Id));

        // One that has ended since no longer fits the question, and is the place to go on after all the same.
        Assert.Equal(
            ["r0999"],
            (await http.GetAsync("/v1/operations?phase=failed&after=r0998").ReadAsync<Contract.Operation[]>()).Select(o => o.Id));
        Assert.Empty(await http.GetAsync("/v1/operations?phase=running&after=r0500").ReadAsync<Contract.Operation[]>());
        Assert.NotEmpty(await http.GetAsync("/v1/operations?after=forgotten").ReadAsync<Contract.Operation[]>());
        await http.GetAsync("/v1/operations?limit=0").ProblemAsync(400, ProblemCodes.BadRequest);
    }

    [Theory]
    [InlineData("/v1/groups")]
    [InlineData("/v1/nodes")]
    [InlineData("/v1/groups/web/resources")]
    [InlineData("/v1/fence-devices")]
    [InlineData("/v1/domains")]
    [InlineData("/v1/event-scripts")]
    public async Task Every_list_can_be_read_one_item_at_a_time(string path)
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Viewer);
        string whole = await http.GetStringAsync(path);
        List<JsonNode?> items = [];
        string? next = path + "?limit=1";
        while (next is not null)
        {
            using HttpResponseMessage page = await http.GetAsync(next);
            JsonArray part = JsonNode.Parse(await page.Content.ReadAsStringAsync())!.AsArray();
            items.Add(Assert.Single(part)!.DeepClone());
            next = Next(page);
        }

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(whole), new JsonArray([.. items])));
    }

    [Fact]
    public async Task The_journal_comes_in_answers_of_bounded_size_forwards_and_backwards()
    {
        await using TestApi api = await TestApi.StartAsync();
        for (int i = 0; i < 900; i++)
        {
            api.Node.Tell($"{i} " + new string('\u00e9', TextLimits.JournalMessage - 10));
        }

        HttpClient http = api.Http(api.Viewer);
        Contract.JournalPage newest = await PageAsync(http, "/v1/journal?limit=200");
        Assert.InRange(newest.Entries.Count, 10, 199);
        Assert.Equal(api.Node.Journal.Last, newest.Entries[^1].Sequence);
        Contract.JournalPage before = await PageAsync(http, $"/v1/journal?limit=200&before={newest.Before}");
        Assert.Equal(newest.Entries[0].Sequence - 1, before.Entries[^1].Sequence);

        long after = newest.Entries[0].Sequence - 5;
        Contract.JournalPage forward = await PageAsync(http, $"/v1/journal?limit=1000&after={after}");
        Assert.True(forward.More);
        Assert.Equal(after + 1, forward.Entries[0].Sequence);
    }

    [Fact]
    public async Task Who_writes_too_much_is_told_when_to_write_again_and_holds_up_nobody_else()
    {
        await using TestApi api = await TestApi.StartAsync(with: o => o with { WriterBurst = 5, WritesPerSecond = 0.01 });
        HttpClient http = api.Http(api.Operator);
        using var first = new HttpRequestMessage(HttpMethod.Post, "/v1/journal") { Content = Body("""{"message":"?"}""", "one") };
        first.Headers.Add("Request-Id", "the-first");
        await http.SendAsync(first).ReadAsync<Contract.Operation>();
        await http.PostAsync("/v1/events", Body("""{"name":"deploy","data":"?"}""", new string('x', 3000))).ReadAsync<Contract.Operation>();
        await http.PutAsync("/v1/runbooks/patch", Body("{}", "")).ReadAsync<Contract.Operation>();
        int submissions = api.Node.Submissions;
        foreach ((HttpMethod method, string path, string body) in new[]
        {
            (HttpMethod.Post, "/v1/journal", """{"message":"x"}"""), (HttpMethod.Post, "/v1/events", """{"name":"x"}"""),
                (HttpMethod.Put, "/v1/runbooks/patch", "{}"),
        })
        {
            using var message = new HttpRequestMessage(method, path) { Content = Body(body, "") };
            using HttpResponseMessage response = await http.SendAsync(message);
            Contract.Problem problem = await response.ProblemAsync(429, ProblemCodes.TooManyWrites);
            Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 100);
            Assert.Contains("s and send it again", problem.Remedy, StringComparison.Ordinal);
        }

        Assert.Equal(submissions, api.Node.Submissions);

        // Sent again, it was paid for; and others are not held up.
        using var again = new HttpRequestMessage(HttpMethod.Post, "/v1/journal") { Content = Body("""{"message":"?"}""", "one") };
        again.Headers.Add("Request-Id", "the-first");
        await http.SendAsync(again).ReadAsync<Contract.Operation>();
        await api.Http(api.Administrator).PostAsync("/v1/journal", Body("""{"message":"?"}""", "mine")).ReadAsync<Contract.Operation>();
    }

    private static StringContent Body(string body, string words) =>
        new(body.Replace("\"?\"", JsonSerializer.Serialize(words), StringComparison.Ordinal), Encoding.UTF8, "application/json");

    private static async Task<Contract.JournalPage> PageAsync(HttpClient http, string path)
    {
        byte[] answer = await http.GetByteArrayAsync(path);
        Assert.InRange(answer.Length, 1, SmallAnswer);
        return JsonSerializer.Deserialize<Contract.JournalPage>(answer, ApiJson.Strict)!;
    }

    private static async Task<List<string>> FollowAsync(HttpClient http, string path, Action<int>? pages)
    {
        List<string> seen = [];
        int count = 0;
        for (string? next = path; next is not null; count++)
        {
            using HttpResponseMessage page = await http.GetAsync(next);
            byte[] answer = await page.Content.ReadAsByteArrayAsync();
            Assert.InRange(answer.Length, 1, SmallAnswer);
            seen.AddRange(JsonSerializer.Deserialize<Contract.Operation[]>(answer, ApiJson.Strict)!.Select(o => o.Id));
            next = Next(page);
        }

        pages?.Invoke(count);
        return seen;
    }

    private static string? Next(HttpResponseMessage page) =>
        page.Headers.TryGetValues("Link", out IEnumerable<string>? links) ? Assert.Single(links) is ['<', .. var rest]
        ? rest[..rest.IndexOf('>')] : null : null;
}
