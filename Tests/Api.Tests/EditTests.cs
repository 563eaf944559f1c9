using System.Reflection;
using System.Text.Json.Nodes;
using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Api.Tests;

/// <summary>The configuration is edited by what is to change in it, with compare-and-set and dry run.</summary>
public sealed class EditTests
{
    private static ConfigurationEdit[] Rule(string group = "web", int restarts = 3) =>
        [new() { Group = new GroupEdit { Name = group, MaxRestarts = restarts, RestartExpireTime = TimeSpan.FromSeconds(60) } }];

    [Fact]
    public async Task An_edit_changes_what_it_names_and_nothing_else()
    {
        await using TestApi api = await TestApi.StartAsync();
        ClusterClient client = api.Client(api.Administrator);
        (string before, long version) = await client.GetConfigurationAsync(TestApi.Timeout);
        Operation done = await client.EditConfigurationAsync(Rule(), null, "for a test", TestApi.Timeout);
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
        (string after, long next) = await client.GetConfigurationAsync(TestApi.Timeout);
        Assert.Equal(version + 1, next);
        JsonNode expected = JsonNode.Parse(before)!;
        expected["version"] = next;
        expected["groups"]!["web"]!["maxRestarts"] = 3;
        expected["groups"]!["web"]!["restartExpireTime"] = 60;
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(after)));
    }

    [Fact]
    public async Task A_dry_run_says_what_would_come_of_it_and_changes_nothing()
    {
        await using TestApi api = await TestApi.StartAsync();
        ClusterClient client = api.Client(api.Administrator);
        ConfigurationCheck check = await client.CheckEditAsync(Rule(), null, TestApi.Timeout);
        Assert.False(check.Unchanged);
        Assert.Equal(["web"], check.GroupsChanged);
        Assert.Equal(["web"], check.Effect.Changed);
        Assert.Equal(
            ["group web is changed: maxRestarts 0 -> 3, restartExpireTime 0 -> 60; nothing is restarted"], check.Effect.Lines);
        Assert.Contains(check.Effect.Differences, d => d is
        {
            Path: "groups/web/maxRestarts", Change: MemberChange.Changed, Old: "0", New: "3",
        });
        Assert.True(
            (await client.CheckEditAsync(
                [new ConfigurationEdit { Group = new GroupEdit { Name = "WEB" } }], null, TestApi.Timeout)).Unchanged);
        Assert.Equal(0, api.Node.Submissions);
    }

    [Fact]
    public async Task An_edit_of_another_version_than_the_expected_one_is_a_conflict()
    {
        await using TestApi api = await TestApi.StartAsync();
        ClusterClient client = api.Client(api.Administrator);
        (_, long version) = await client.GetConfigurationAsync(TestApi.Timeout);
        await client.EditConfigurationAsync(Rule(), version, null, TestApi.Timeout);
        ClusterApiException e = await Assert.ThrowsAsync<ClusterApiException>(
            () => client.EditConfigurationAsync(Rule(restarts: 4), version, null, TestApi.Timeout));
        Assert.Equal((ProblemCodes.VersionConflict, version + 1), (e.Code, e.Problem.CurrentVersion));
    }

    [Fact]
    public async Task What_can_not_be_edited_is_refused_with_a_remedy()
    {
        await using TestApi api = await TestApi.StartAsync();
        ClusterClient client = api.Client(api.Administrator);
        ClusterApiException e = await RefusedAsync(Rule("wep"));
        Assert.Equal(
            (404, ProblemCodes.NotFound, "There is no service 'wep'.", "Did you mean web?"), (e.Status, e.Code, e.Detail, e.Remedy));
        Assert.Equal(["web"], e.Problem.Near);
        e = await RefusedAsync([new ConfigurationEdit { Action = EditAction.Add, Group = new GroupEdit { Name = "web" } }]);
        Assert.Equal((409, ProblemCodes.AlreadyExists), (e.Status, e.Code));
        e = await RefusedAsync([]);
        Assert.Equal((400, ProblemCodes.BadRequest), (e.Status, e.Code));
        e = await RefusedAsync([.. Enumerable.Repeat(Rule()[0], Core.Configuration.ConfigurationEdit.Most + 1)]);
        Assert.Equal((400, ProblemCodes.BadRequest), (e.Status, e.Code));
        e = await RefusedAsync(Rule(restarts: -1));
        Assert.Equal((400, ProblemCodes.InvalidConfiguration), (e.Status, e.Code));
        e = await RefusedAsync([new ConfigurationEdit { Timing = new TimingEdit { RetryDelay = TimeSpan.MaxValue } }]);
        Assert.Equal((400, ProblemCodes.BadRequest), (e.Status, e.Code));
        e = await RefusedAsync([new ConfigurationEdit { EventScript = new EventScriptEdit { Name = new string('x', 2_000_000) } }]);
        Assert.Equal(413, e.Status);
        Assert.Equal(0, api.Node.Submissions);

        Task<ClusterApiException> RefusedAsync(ConfigurationEdit[] edits) =>
            Assert.ThrowsAsync<ClusterApiException>(() => client.EditConfigurationAsync(edits, null, null, TestApi.Timeout));
    }

    [Fact]
    public async Task Only_administrators_edit()
    {
        await using TestApi api = await TestApi.StartAsync();
        ClusterApiException e = await Assert.ThrowsAsync<ClusterApiException>(
            () => api.Client(api.Operator).EditConfigurationAsync(Rule(), null, null, TestApi.Timeout));
        Assert.Equal(ProblemCodes.RoleRequired, e.Code);
    }

    [Fact]
    public void The_contract_names_what_the_core_reads()
    {
        Same(typeof(Contract.ConfigurationEdit), typeof(Core.Configuration.ConfigurationEdit), []);

        static void Same(Type contract, Type core, HashSet<Type> seen)
        {
            if (contract.Namespace != "ClusterTools.Contract" || contract.IsEnum || !seen.Add(contract))
            {
                return;
            }

            Assert.Equal(Names(core), Names(contract));
            foreach (PropertyInfo member in contract.GetProperties())
            {
                Same(Plain(member.PropertyType), Plain(core.GetProperty(member.Name)!.PropertyType), seen);
            }
        }

        static string Names(Type type) => string.Join(" ", type.GetProperties().Where(p => p.CanWrite).Select(p => p.Name).Order());

        static Type Plain(Type type) =>
            Nullable.GetUnderlyingType(type) is { } value ? Plain(value)
            : type.IsGenericType && type.GetGenericArguments() is [var item] ? item
            : type;
    }
}
