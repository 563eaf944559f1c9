using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ClusterTools.Client;
using ClusterTools.Contract;
using ClusterTools.Core.Configuration;
using MemberChange = ClusterTools.Contract.MemberChange;
using MemberDifference = ClusterTools.Contract.MemberDifference;

namespace ClusterTools.Api.Tests;

public sealed class ConfigurationTests
{
    private const string ClusterConf = """
        <?xml version="1.0"?>
        <cluster name="shop" config_version="1">
          <clusternodes>
            <clusternode name="node1" nodeid="1"><fence><method name="power"><device name="pdu" port="1"/></method></fence></clusternode>
            <clusternode name="node2" nodeid="2"><fence><method name="power"><device name="pdu" port="2"/></method></fence></clusternode>
            <clusternode name="node3" nodeid="3"><fence><method name="power"><device name="pdu" port="3"/></method></fence></clusternode>
          </clusternodes>
          <fencedevices><fencedevice name="pdu" agent="fence_apc" ipaddr="192.0.2.1" passwd="hunter2-never-shown-imported"/></fencedevices>
          <rm><service name="web"><ip address="192.0.2.10"/></service><service name="mail"><ip address="192.0.2.11"/></service></rm>
        </cluster>
        """;

    private static async Task<HttpResponseMessage> PutAsync(
        HttpClient http, string json, long? ifMatch, string query = "", string? requestId = null)
    {
        using var message = new HttpRequestMessage(HttpMethod.Put, "/v1/configuration" + query) { Content = new StringContent(json) };
        if (ifMatch is { } version)
        {
            message.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{version}\""));
        }

        if (requestId is not null)
        {
            message.Headers.Add("Request-Id", requestId);
        }

        return await http.SendAsync(message);
    }

    private static string Device(ClusterConfiguration configuration) => configuration.FenceDevices["pdu"].Parameters["password"];

    [Fact]
    public async Task What_is_read_can_be_put_back_and_secrets_are_kept()
    {
        await using TestApi api = await TestApi.StartAsync();
        ClusterClient client = api.Client(api.Administrator);
        ClusterConfiguration before = api.Node.State.Configuration;
        (string json, long version) = await client.GetConfigurationAsync(TestApi.Timeout);
        Assert.Equal(1, version);
        Assert.DoesNotContain(TestNode.Secret, json, StringComparison.Ordinal);
        Operation done = await client.PutConfigurationAsync(json, version, "nothing new", TestApi.Timeout);
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
        ClusterConfiguration after = api.Node.State.Configuration;
        Assert.Equal(2, after.Version);
        Assert.True(ConfigurationEquality.Same(before with { Version = 2 }, after));
        JournalPage journal = await client.GetAsync<JournalPage>("/v1/journal?limit=5", TestApi.Timeout);
        Assert.Contains(journal.Entries, e => e.Message.Contains("nothing new", StringComparison.Ordinal)
            && e.Who!.StartsWith("ada (", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_goes_in_and_never_out()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.InstallAgents();
        ClusterClient client = api.Client(api.Administrator);
        (string json, long version) = await client.GetConfigurationAsync(TestApi.Timeout);
        string changed = json.Replace("\"password\": \"(secret)\"", "\"password\": \"hunter2-never-shown-new\"", StringComparison.Ordinal);
        Assert.NotEqual(json, changed);
        await client.PutConfigurationAsync(changed, version, null, TestApi.Timeout);
        Assert.Equal("hunter2-never-shown-new", Device(api.Node.State.Configuration));
        Assert.DoesNotContain(
            TestNode.Secret, await api.Http(api.Administrator).GetStringAsync("/v1/configuration/export", TestApi.Timeout),
            StringComparison.Ordinal);
        Assert.DoesNotContain(
            TestNode.Secret, await api.Http(api.Administrator).GetStringAsync("/v1/journal?limit=1000", TestApi.Timeout),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_placeholder_without_a_stored_secret_is_refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        ClusterClient client = api.Client(api.Administrator);
        (string json, long version) = await client.GetConfigurationAsync(TestApi.Timeout);
        string changed =
            json.Replace("\"ip\": \"192.0.2.1\"", "\"ip\": \"192.0.2.1\", \"login_secret\": \"(secret)\"", StringComparison.Ordinal);
        ClusterApiException e =
            await Assert.ThrowsAsync<ClusterApiException>(() => client.PutConfigurationAsync(changed, version, null, TestApi.Timeout));
        Assert.Equal(ProblemCodes.InvalidConfiguration, e.Code);
        Assert.Contains("login_secret", e.Problem.Problems![0].Path, StringComparison.Ordinal);
        Assert.NotNull(e.Problem.Problems[0].Line);
    }

    [Fact]
    public async Task Of_two_changes_from_one_version_the_second_learns_of_the_first()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        string json = await http.GetStringAsync("/v1/configuration");
        using HttpResponseMessage first = await PutAsync(http, json, 1);
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Problem conflict = await PutAsync(http, json, 1).ProblemAsync(412, ProblemCodes.VersionConflict);
        Assert.Equal(2, conflict.CurrentVersion);
        conflict = await PutAsync(http, json, null, "?expected-version=1").ProblemAsync(409, ProblemCodes.VersionConflict);
        Assert.Equal(2, conflict.CurrentVersion);
        Assert.Equal(2, api.Node.State.Configuration.Version);
    }

    [Fact]
    public async Task Without_an_expected_version_the_body_must_name_the_next_one()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        string json = await http.GetStringAsync("/v1/configuration");
        await PutAsync(http, json, null).ProblemAsync(409, ProblemCodes.VersionConflict);
        string next = json.Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal);
        Assert.NotEqual(json, next);
        (await PutAsync(http, next, null).ReadAsync<Operation>()).Id.Length.Equals(32);
        Assert.Equal(2, api.Node.State.Configuration.Version);
    }

    [Fact]
    public async Task A_fence_method_whose_agent_says_itself_that_it_cuts_nothing_off_is_refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        string agent = api.Node.AgentFolder.Write(
            "fence/fence_careful",
            "echo '<resource-agent name=\"fence_careful\"><longdesc>This is not a fence agent by itself!</longdesc></resource-agent>'\n");
        HttpClient http = api.Http(api.Administrator);
        string json = await http.GetStringAsync("/v1/configuration");
        string changed = json.Replace("\"fence_apc\"", $"\"{agent}\"", StringComparison.Ordinal);
        Assert.NotEqual(json, changed);
        Problem refused = await PutAsync(http, changed, 1).ProblemAsync(400, ProblemCodes.InvalidConfiguration);
        Assert.Contains(refused.Problems!, p => p.Message.Contains("proves nothing", StringComparison.Ordinal)
            && p.Message.Contains("fence_careful", StringComparison.Ordinal));
        Assert.Equal(1, api.Node.State.Configuration.Version);
    }

    [Fact]
    public async Task A_change_sent_twice_with_one_request_id_is_no_conflict()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        string json = await http.GetStringAsync("/v1/configuration");
        Operation first = await PutAsync(http, json, 1, "?wait=5", "put-1").ReadAsync<Operation>();
        Operation again = await PutAsync(http, json, 1, "?wait=5", "put-1").ReadAsync<Operation>();
        Assert.Equal(first.Began, again.Began);
        Assert.Equal(2, api.Node.State.Configuration.Version);
    }

    [Fact]
    public async Task Everything_wrong_is_listed_with_place_line_and_remedy()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        string json = (await http.GetStringAsync("/v1/configuration"))
            .Replace("\"domain\": \"front\"", "\"domain\": \"nowhere\"", StringComparison.Ordinal)
            .Replace("\"id\": 3", "\"id\": 2", StringComparison.Ordinal);
        Problem problem = await PutAsync(http, json, 1).ProblemAsync(400, ProblemCodes.InvalidConfiguration);
        Assert.True(problem.Problems!.Count(p => p.Severity == Contract.ProblemSeverity.Error) >= 2);
        Assert.All(problem.Problems!, p =>
        {
            Assert.NotEmpty(p.Path);
            Assert.NotEmpty(p.Message);
            Assert.NotEmpty(p.Remedy);
        });
        Assert.Contains(problem.Problems!, p => p.Path.StartsWith("groups/web", StringComparison.Ordinal) && p.Line > 1);
        Assert.Equal(1, api.Node.State.Configuration.Version);
        Assert.Equal(0, api.Node.Submissions);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"name\":\"shop\",\"version\":2,\"bogus\":1}")]
    [InlineData("{\"name\":\"shop\",\"version\":2,\"nodes\":{\"node1\":null}}")]
    [InlineData("<cluster>")]
    [InlineData("\u0000\u0001\u0002")]
    public async Task Junk_is_refused_with_its_line(string body)
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        Problem put = await PutAsync(http, body, 1).ProblemAsync(400, ProblemCodes.InvalidConfiguration);
        Assert.NotEmpty(put.Problems!);
        Problem import = await http.PostAsync("/v1/configuration/import", new StringContent(body))
            .ProblemAsync(400, ProblemCodes.InvalidConfiguration);
        Assert.NotEmpty(import.Problems!);
        Assert.Equal(0, api.Node.Submissions);
    }

    [Fact]
    public async Task Binary_junk_is_refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        byte[] junk = new byte[100_000];
        new Random(7).NextBytes(junk);
        await api.Http(api.Administrator).PostAsync("/v1/configuration/import", new ByteArrayContent(junk))
            .ProblemAsync(400, ProblemCodes.InvalidConfiguration);
    }

    [Fact]
    public async Task A_cluster_conf_is_imported_as_the_next_version_and_keeps_the_grants()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.InstallAgents();
        ClusterClient client = api.Client(api.Administrator);
        Operation done =
            await client.ImportConfigurationAsync(Encoding.UTF8.GetBytes(ClusterConf), null, "from the old cluster", TestApi.Timeout);
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
        ClusterConfiguration now = api.Node.State.Configuration;
        Assert.Equal(2, now.Version);
        Assert.Equal(["mail", "web"], now.Groups.Keys);
        Assert.Equal(3, now.Access.Count);
        Assert.DoesNotContain(
            TestNode.Secret, await api.Http(api.Administrator).GetStringAsync("/v1/configuration", TestApi.Timeout),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_change_and_changes_nothing()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.InstallAgents();
        HttpClient http = api.Http(api.Administrator);
        ConfigurationCheck check = await http.PostAsync("/v1/configuration/import?dry-run=true", new StringContent(ClusterConf))
            .ReadAsync<ConfigurationCheck>();
        Assert.Equal(2, check.Version);
        Assert.Equal(["mail"], check.GroupsAdded);
        Assert.Equal(["web"], check.GroupsChanged);
        Assert.Contains("files", check.GroupsRemoved);
        Assert.Contains(check.Problems, p => p.Path == "groups/files");
        Assert.Null(check.Configuration);
        Assert.Null(check.Refused);
        Assert.Contains("votes", check.Quorum, StringComparison.Ordinal);
        check = await http.PostAsync("/v1/configuration/import?dry-run=true&show=true", new StringContent(ClusterConf))
            .ReadAsync<ConfigurationCheck>();
        using var shown = System.Text.Json.JsonDocument.Parse(check.Configuration!);
        Assert.Equal(2, shown.RootElement.GetProperty("version").GetInt64());
        Assert.True(
            shown.RootElement.GetProperty("groups").TryGetProperty("mail", out _),
            "The new group is not in the configuration that is shown.");
        await http.PostAsync(
            "/v1/configuration/import?dry-run=true",
            new StringContent(ClusterConf.Replace("\"shop\"", "\"other\"", StringComparison.Ordinal)))
            .ProblemAsync(400, ProblemCodes.InvalidConfiguration);
        Assert.Equal(0, api.Node.Submissions);
        Assert.Equal(1, api.Node.State.Configuration.Version);
    }

    [Fact]
    public async Task Two_configurations_are_compared_thing_by_thing_wherever_they_come_from()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.InstallAgents();
        ClusterClient client = api.Client(api.Viewer);
        (string json, _) = await client.GetConfigurationAsync(TestApi.Timeout);
        Assert.Empty(await CompareAsync(new() { Before = json }));
        Assert.Empty(await CompareAsync(new() { BeforeVersion = 1 }));
        Assert.Contains(
            await CompareAsync(new()
            {
                After = json.Replace("\"maxRestarts\": 0", "\"maxRestarts\": 7", StringComparison.Ordinal), BeforeVersion = 1,
            }),
            d => d is { Path: "groups/web/maxRestarts", Change: MemberChange.Changed, Old: "0", New: "7" });
        MemberDifference[] file = await CompareAsync(new() { After = ClusterConf });
        Assert.Contains(file, d => d is { Path: "groups/mail", Change: MemberChange.Added });

        // A file need not be a whole configuration, and what is secret in it is not shown.
        MemberDifference[] foreign = await CompareAsync(new()
        {
            Before = "{}", After = """{ "fenceDevices": { "a": { "agent": "fence_a", "parameters": { "userpass": "hunter3" } } } }""",
        });
        Assert.Contains("(secret)", Assert.Single(foreign).New, StringComparison.Ordinal);

        Task<MemberDifference[]> CompareAsync(ConfigurationComparisonRequest which) =>
            client.CompareConfigurationsAsync(which, TestApi.Timeout);
    }

    [Fact]
    public async Task What_can_not_be_compared_is_refused_at_its_place()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Viewer);
        Task<HttpResponseMessage> Post(string body) => http.PostAsync("/v1/configuration/compare", new StringContent(body));
        Problem both = await Post("""{ "before": "{}", "beforeVersion": 1 }""").ProblemAsync(400, ProblemCodes.BadRequest);
        Assert.Equal("before", Assert.Single(both.Problems!).Path);
        Problem broken = await Post("""{ "after": "{\n  \"name\": ,\n}" }""").ProblemAsync(400, ProblemCodes.BadRequest);
        Assert.Equal(("after", 2), (Assert.Single(broken.Problems!).Path, broken.Problems![0].Line));
        await Post("""{ "after": "{ \"name\": 1, \"name\": 2 }" }""").ProblemAsync(400, ProblemCodes.BadRequest);
        await Post("""{ "after": "<cluster" }""").ProblemAsync(400, ProblemCodes.InvalidConfiguration);
        await Post("""{ "afterVersion": 9 }""").ProblemAsync(404, ProblemCodes.NotFound);
        await Post("""{ "later": "{}" }""").ProblemAsync(400, ProblemCodes.BadRequest);
    }

    [Fact]
    public async Task A_mistyped_dry_run_changes_nothing()
    {
        await using TestApi api = await TestApi.StartAsync();
        await api.Http(api.Administrator).PostAsync("/v1/configuration/import?dryrun=true", new StringContent(ClusterConf))
            .ProblemAsync(400, ProblemCodes.BadRequest);
        Assert.Equal(0, api.Node.Submissions);
    }

    [Fact]
    public async Task The_export_imports_back()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        using HttpResponseMessage export = await http.GetAsync("/v1/configuration/export");
        Assert.Equal("shop-1.json", export.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
        ClusterConfiguration before = api.Node.State.Configuration;
        await http.PostAsync("/v1/configuration/import?wait=5", new ByteArrayContent(await export.Content.ReadAsByteArrayAsync()))
            .ReadAsync<Operation>();
        Assert.True(ConfigurationEquality.Same(before with { Version = 2 }, api.Node.State.Configuration));
    }

    [Fact]
    public async Task Taking_ones_own_right_away_is_warned_of_and_the_last_administrator_stays()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        ClusterConfiguration now = api.Node.State.Configuration;
        string without =
            Encoding.UTF8.GetString(ConfigurationJson.Write(now with { Access = now.Access.Remove(api.Administrator.Fingerprint) }));
        Problem refused = await PutAsync(http, without, 1).ProblemAsync(400, ProblemCodes.InvalidConfiguration);
        Assert.Contains(refused.Problems!, p => p.Path == "access" && p.Severity == Contract.ProblemSeverity.Error);
        string handedOver = Encoding.UTF8.GetString(ConfigurationJson.Write(now with
        {
            Access = now.Access.Remove(api.Administrator.Fingerprint)
                .SetItem(api.Operator.Fingerprint, new AccessGrant { Name = "oscar", Role = Core.Configuration.AccessRole.Administrator }),
        }));
        Operation done = await PutAsync(http, handedOver, 1).ReadAsync<Operation>();
        Assert.Contains(done.Problems!, p => p.Message.Contains("no longer an administrator", StringComparison.Ordinal));
        await http.GetAsync("/v1/cluster").ProblemAsync(403, ProblemCodes.UnknownCertificate);
    }

    [Fact]
    public async Task A_node_that_is_a_little_behind_catches_up_with_the_expected_version()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        string json = await http.GetStringAsync("/v1/configuration");
        Task arrived = api.Node.NextWaitAsync();
        Task<HttpResponseMessage> early = PutAsync(http, json, 2);
        await arrived;
        ClusterConfiguration now = api.Node.State.Configuration;
        api.Node.Apply(new Core.ConfigurationRequest("meanwhile", "test", now with { Version = 2 }));
        Assert.Equal(HttpStatusCode.Accepted, (await early).StatusCode);
        Assert.Equal(3, api.Node.State.Configuration.Version);
    }
}
