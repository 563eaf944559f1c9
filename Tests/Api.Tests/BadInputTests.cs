using System.Net;
using System.Net.Sockets;
using System.Text;
using ClusterTools.Contract;

namespace ClusterTools.Api.Tests;

public sealed class BadInputTests
{
    [Theory]
    [InlineData("/v1/groups/wep", "web")]
    [InlineData("/v1/nodes/node9", "node1")]
    [InlineData("/v1/domains/frnt", "front")]
    [InlineData("/v1/fence-devices/pd", "pdu")]
    [InlineData("/v1/groups/web/resources/mysql%3Adp", "mysql:db")]
    public async Task A_mistyped_name_is_a_404_with_the_near_ones(string path, string near)
    {
        await using TestApi api = await TestApi.StartAsync();
        Problem problem = await api.Http(api.Viewer).GetAsync(path).ProblemAsync(404, ProblemCodes.NotFound);
        Assert.Contains(near, problem.Near!);
        Assert.Contains(near, problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operation_on_what_is_not_there_is_a_404_and_asks_nothing_of_the_cluster()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        await http.PostAsync("/v1/groups/nothing-like-it/restart", null).ProblemAsync(404, ProblemCodes.NotFound);
        await http.PostAsync("/v1/groups/web/relocate", new StringContent("""{"node":"node4"}""")).ProblemAsync(404, ProblemCodes.NotFound);
        await http.PostAsync("/v1/nodes/nod1/drain", null).ProblemAsync(404, ProblemCodes.NotFound);
        await http.PostAsync("/v1/fence-devices/test", new StringContent("""{"device":"nope"}""")).ProblemAsync(404, ProblemCodes.NotFound);
        await http.GetAsync("/v1/operations/unknown").ProblemAsync(404, ProblemCodes.NotFound);
        Assert.Equal(0, api.Node.Submissions);
    }

    [Theory]
    [InlineData("GET", "/", 404, "no-such-path")]
    [InlineData("GET", "/v1/nope", 404, "no-such-path")]
    [InlineData("GET", "/v1/groups/web/../../configuration/extra/x/y", 404, "no-such-path")]
    [InlineData("GET", "/v1/groups/web/restart", 405, "method-not-allowed")]
    [InlineData("DELETE", "/v1/groups/web", 405, "method-not-allowed")]
    [InlineData("POST", "/v1/groups/web/explode", 404, "no-such-path")]
    public async Task A_wrong_path_or_method_says_so(string method, string path, int status, string code)
    {
        await using TestApi api = await TestApi.StartAsync();
        using var message = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await api.Http(api.Administrator).SendAsync(message);
        await response.ProblemAsync(status, code);
        Assert.Equal(status == 405, response.Content.Headers.Allow.Count > 0);
    }

    [Theory]
    [InlineData("/v1/groups?explian=true", "explian")]
    [InlineData("/v1/groups?explain=perhaps", "explain")]
    [InlineData("/v1/groups?phase=broken", "phase")]
    [InlineData("/v1/journal?limit=0", "limit")]
    [InlineData("/v1/journal?limit=100000", "limit")]
    [InlineData("/v1/journal?after=-1", "after")]
    [InlineData("/v1/journal?since=yesterday", "since")]
    [InlineData("/v1/journal?severity=bad", "severity")]
    [InlineData("/v1/operations/bootstrap?wait=soon", "wait")]
    [InlineData("/v1/operations?phase=x", "phase")]
    [InlineData("/v1/events?kinds=all", "kinds")]
    [InlineData("/v1/events?after=7", "id to go on after")]
    public async Task A_query_that_is_not_understood_is_refused(string path, string named)
    {
        await using TestApi api = await TestApi.StartAsync();
        Problem problem = await api.Http(api.Viewer).GetAsync(path).ProblemAsync(400, ProblemCodes.BadRequest);
        Assert.Contains(named, problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("\"node2\"")]
    [InlineData("{\"node\":7}")]
    [InlineData("{\"nod\":\"node2\"}")]
    [InlineData("{\"node\":\"node2\",\"node\":\"node3\"}")]
    [InlineData("{\"confirmReleased\":\"yes\"}")]
    [InlineData("{\"node\":\"node2\"} and more")]
    [InlineData("\u0000\u0001\u0002\uffff")]
    [InlineData("<group/>")]
    public async Task A_body_that_is_not_understood_is_refused_with_its_line(string body)
    {
        await using TestApi api = await TestApi.StartAsync();
        Problem problem = await api.Http(api.Operator).PostAsync("/v1/groups/web/relocate", new StringContent(body))
            .ProblemAsync(400, ProblemCodes.BadRequest);
        Assert.NotNull(Assert.Single(problem.Problems!).Line);
        Assert.Equal(0, api.Node.Submissions);
    }

    [Fact]
    public async Task Deeply_nested_junk_is_refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        string deep = string.Concat(Enumerable.Repeat("{\"node\":", 5000));
        await api.Http(api.Operator).PostAsync("/v1/groups/web/relocate", new StringContent(deep))
            .ProblemAsync(400, ProblemCodes.BadRequest);
    }

    [Theory]
    [InlineData("/v1/journal", "{\"message\":\"x\",\"severity\":\"error, warning\"}")]
    [InlineData("/v1/journal", "{\"message\":\"x\",\"severity\":\"1\"}")]
    [InlineData("/v1/journal", "{\"message\":\"\\ud800\"}")]
    [InlineData("/v1/journal", "{\"message\":\"hunter2-never-shown\",\"x\":nulL}")]
    [InlineData("/v1/journal", "{\"message\":nulL,\"x\":\"hunter2-never-shown\"}")]
    [InlineData("/v1/nodes/node2/resume", "{\"failbackPolicy\":\"immediate, noFailback\"}")]
    [InlineData("/v1/events", "{\"name\":\"a\\udc00\"}")]
    public async Task Flags_halves_of_characters_and_secrets_are_refused_without_quoting_them(string path, string body)
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.Http(api.Operator).PostAsync(path, new StringContent(body));
        Assert.DoesNotContain("hunter2", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await response.ProblemAsync(400, ProblemCodes.BadRequest);
        Assert.Equal(0, api.Node.Submissions);
    }

    [Fact]
    public async Task Half_a_character_is_refused_in_a_runbook_too()
    {
        await using TestApi api = await TestApi.StartAsync();
        Problem problem = await api.Http(api.Operator).PutAsync("/v1/runbooks/update", new StringContent("{\n\"a\":[\"\\ud800\"]}"))
            .ProblemAsync(400, ProblemCodes.BadRequest);
        Assert.Equal(2, Assert.Single(problem.Problems!).Line);
    }

    [Theory]
    [InlineData("The log at '/var/lib/clusterd/n1/log.db' did not take it", "The log at 'log.db' did not take it")]
    [InlineData("/usr/sbin/fence_apc: line 5: /etc/x/y.conf: gone", "fence_apc: line 5: y.conf: gone")]
    [InlineData("See https://node1:7450/v1/groups/web and GET and/or 1/2", "See https://node1:7450/v1/groups/web and GET and/or 1/2")]
    public void Folders_of_the_machine_are_not_told(string words, string told) => Assert.Equal(told, Problems.Plain(words));

    [Theory]
    [InlineData("restart", "{\"node\":\"node2\"}")]
    [InlineData("restart", "{\"confirmReleased\":true}")]
    [InlineData("restart", "{\"requestId\":\"has spaces\"}")]
    [InlineData("restart", "{\"requestId\":\"\"}")]
    public async Task What_does_not_belong_to_an_operation_is_refused(string operation, string body)
    {
        await using TestApi api = await TestApi.StartAsync();
        await api.Http(api.Operator).PostAsync($"/v1/groups/web/{operation}", new StringContent(body))
            .ProblemAsync(400, ProblemCodes.BadRequest);
        Assert.Equal(0, api.Node.Submissions);
    }

    [Fact]
    public async Task Two_different_request_ids_in_one_request_are_refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        using var message =
            new HttpRequestMessage(HttpMethod.Post, "/v1/groups/web/restart") { Content = new StringContent("""{"requestId":"a"}""") };
        message.Headers.Add("Request-Id", "b");
        await api.Http(api.Operator).SendAsync(message).ProblemAsync(400, ProblemCodes.BadRequest);
    }

    [Theory]
    [InlineData("/v1/groups/web/relocate", 1, true, false)]
    [InlineData("/v1/groups/web/relocate", 1, false, false)]
    [InlineData("/v1/configuration/import", 50, true, true)]
    [InlineData("/v1/configuration/import", 50, true, false)]
    [InlineData("/v1/configuration/import", 50, false, false)]
    public async Task A_body_that_is_too_large_is_refused(string path, int mebibytes, bool lengthKnown, bool asks)
    {
        await using TestApi api = await TestApi.StartAsync();
        using var body = new MemoryStream(new byte[mebibytes * 1024 * 1024]);
        using var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StreamContent(body) };
        message.Headers.TransferEncodingChunked = lengthKnown ? null : true;
        message.Headers.ExpectContinue = asks;
        await api.Http(api.Administrator).SendAsync(message).ProblemAsync(413, ProblemCodes.TooLarge);
        Assert.Equal(0, api.Node.Submissions);
    }

    [Fact]
    public async Task A_client_that_never_sends_its_headers_is_let_go()
    {
        await using TestApi api =
            await TestApi.StartAsync(
                with: o => o with { ClientLimit = TimeSpan.FromMilliseconds(200), MetricsListen = "http://127.0.0.1:0" });
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, api.Server.MetricsAddress!.Port, TestApi.Timeout);
        await socket.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHost: x\r\n"u8.ToArray(), TestApi.Timeout);
        using var reader = new StreamReader(socket.GetStream(), Encoding.ASCII);

        // Ends only when the server closes the connection.
        string answer = await reader.ReadToEndAsync(TestApi.Timeout);
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_never_shakes_hands_is_let_go()
    {
        await using TestApi api = await TestApi.StartAsync(with: o => o with { ClientLimit = TimeSpan.FromMilliseconds(200) });
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, api.Address.Port, TestApi.Timeout);
        byte[] buffer = new byte[16];
        Assert.Equal(0, await socket.GetStream().ReadAsync(buffer, TestApi.Timeout));
    }

    [Fact]
    public async Task Headers_without_number_are_refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        using var message = new HttpRequestMessage(HttpMethod.Get, "/v1/cluster");
        for (int i = 0; i < 80; i++)
        {
            message.Headers.Add($"X-Junk-{i}", "x");
        }

        using HttpResponseMessage response = await api.Http(api.Viewer).SendAsync(message);
        Assert.Equal(431, (int)response.StatusCode);
    }
}
