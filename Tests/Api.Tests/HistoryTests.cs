using System.Net.Http.Headers;
using ClusterTools.Client;
using ClusterTools.Contract;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api.Tests;

public sealed class HistoryTests
{
    [Fact]
    public async Task Every_version_is_kept_with_who_why_how_and_what_it_changed()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.InstallAgents();
        ClusterClient client = api.Client(api.Administrator);
        (string json, long version) = await client.GetConfigurationAsync(TestApi.Timeout);
        string changed = json.Replace("\"192.0.2.1\"", "\"192.0.2.2\"", StringComparison.Ordinal)
            .Replace("\"token\": 1000", "\"token\": 1100", StringComparison.Ordinal);
        await client.PutConfigurationAsync(changed, version, "a new address", TestApi.Timeout);
        HttpClient http = api.Http(api.Viewer);
        ConfigurationHistory history = await http.GetAsync("/v1/configuration/history").ReadAsync<ConfigurationHistory>();
        Assert.Equal("node1", history.Node);
        Assert.Equal([1, 2], history.Versions.Select(v => v.Version));
        Assert.Empty(history.Missing);
        ConfigurationVersion newest = history.Versions[1];
        Assert.Equal(("a new address", ConfigurationOrigin.Put, true, 1L), (newest.Reason, newest.Origin, newest.InForce, newest.Since));
        Assert.StartsWith("ada (", newest.Who, StringComparison.Ordinal);
        Assert.NotNull(newest.At);
        Assert.Equal(["pdu"], newest.Changes.FenceDevices.Changed);
        Assert.Empty(newest.Changes.Groups.Changed);
        Assert.True(newest.Changes.Settings);
        Assert.Equal(["node1", "node2", "node3"], history.Versions[0].Changes.Nodes.Added);
        Assert.False(history.Versions[0].InForce);

        string first = await http.GetStringAsync("/v1/configuration/history/1");
        Assert.Equal(json, first);
        await http.GetAsync("/v1/configuration/history/9").ProblemAsync(404, ProblemCodes.NotFound);
        await http.GetAsync("/v1/configuration/history/one").ProblemAsync(400, ProblemCodes.BadRequest);
    }

    [Fact]
    public async Task An_older_version_comes_back_with_its_secrets_and_without_the_rights_that_were_taken_away()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.InstallAgents();
        ClusterClient client = api.Client(api.Administrator);
        HttpClient http = api.Http(api.Administrator);
        ClusterConfiguration original = api.Node.State.Configuration;
        (string json, _) = await client.GetConfigurationAsync(TestApi.Timeout);
        await client.PutConfigurationAsync(
            json.Replace("\"password\": \"(secret)\"", "\"password\": \"hunter2-never-shown-new\"", StringComparison.Ordinal), 1, null,
            TestApi.Timeout);
        api.Revoke(api.Operator);

        ConfigurationCheck check = await http.PostAsync("/v1/configuration/restore?version=1&dry-run", null)
            .ReadAsync<ConfigurationCheck>();
        Assert.Equal(4, check.Version);
        Assert.Equal(3, api.Node.State.Configuration.Version);
        Operation done = await http.PostAsync("/v1/configuration/restore?version=1&expected-version=3&wait=5", null).ReadAsync<Operation>();
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
        ClusterConfiguration now = api.Node.State.Configuration;
        Assert.Equal(4, now.Version);
        Assert.True(
            ConfigurationEquality.Same(original with { Version = 4, Access = original.Access.Remove(api.Operator.Fingerprint) }, now));
        ConfigurationVersion newest = (await http.GetAsync("/v1/configuration/history").ReadAsync<ConfigurationHistory>()).Versions[^1];
        Assert.Equal((4L, ConfigurationOrigin.Restore, "version 1 restored"), (newest.Version, newest.Origin, newest.Reason));
        Assert.DoesNotContain(TestNode.Secret, await http.GetStringAsync("/v1/configuration/history/2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_that_does_not_fit_changes_nothing()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Revoke(api.Stranger);
        HttpClient http = api.Http(api.Administrator);
        await http.PostAsync("/v1/configuration/restore", null).ProblemAsync(400, ProblemCodes.BadRequest);
        Problem missing = await http.PostAsync("/v1/configuration/restore?version=7", null).ProblemAsync(404, ProblemCodes.NotFound);
        Assert.Contains("node1", missing.Detail, StringComparison.Ordinal);
        Problem conflict = await http.PostAsync("/v1/configuration/restore?version=1&expected-version=1", null)
            .ProblemAsync(409, ProblemCodes.VersionConflict);
        Assert.Equal(2, conflict.CurrentVersion);
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/configuration/restore?version=1");
        message.Headers.IfMatch.Add(new EntityTagHeaderValue("\"1\""));
        await http.SendAsync(message).ProblemAsync(412, ProblemCodes.VersionConflict);
        Assert.Equal(2, api.Node.State.Configuration.Version);
    }
}
