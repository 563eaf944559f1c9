using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Serialization;

namespace ClusterTools.Api.Tests;

public sealed class ContractTests
{
    private static readonly JsonSerializerSettings Settings = new()
    {
        ContractResolver = new Client.WireTimes.Resolver { NamingStrategy = new CamelCaseNamingStrategy() },
        Converters = { new StringEnumConverter(new CamelCaseNamingStrategy()), Client.WireTimes.Durations },
        MissingMemberHandling = MissingMemberHandling.Error,
    };

    /// <summary>The wire's enums are cast from the Core's: members and order must agree.</summary>
    [Theory]
    [InlineData(typeof(Core.Quorum), typeof(Contract.Quorum))]
    [InlineData(typeof(Core.DrainGoal), typeof(Contract.DrainGoal))]
    [InlineData(typeof(Core.GroupPhase), typeof(Contract.GroupPhase))]
    [InlineData(typeof(Core.GroupGoal), typeof(Contract.GroupGoal))]
    [InlineData(typeof(Core.OperationPhase), typeof(Contract.OperationPhase))]
    [InlineData(typeof(Core.JournalSeverity), typeof(Contract.JournalSeverity))]
    [InlineData(typeof(Core.ConfigurationOrigin), typeof(Contract.ConfigurationOrigin))]
    [InlineData(typeof(Core.Configuration.AccessRole), typeof(Contract.AccessRole))]
    [InlineData(typeof(Core.Configuration.RecoveryPolicy), typeof(Contract.RecoveryPolicy))]
    [InlineData(typeof(Core.Configuration.DependencyMode), typeof(Contract.DependencyMode))]
    [InlineData(typeof(Core.Configuration.Colocation), typeof(Contract.Colocation))]
    [InlineData(typeof(Core.Configuration.FinalAction), typeof(Contract.FinalAction))]
    [InlineData(typeof(Core.Configuration.ProblemSeverity), typeof(Contract.ProblemSeverity))]
    public void The_wires_enums_are_the_cores(Type core, Type wire)
    {
        Assert.Equal(Enum.GetNames(core), Enum.GetNames(wire));
        Assert.Equal(Enum.GetValuesAsUnderlyingType(core), Enum.GetValuesAsUnderlyingType(wire));
    }

    [Fact]
    public void The_wires_node_phases_are_the_cores_and_two_that_are_marks_of_their_own_there()
    {
        Assert.Equal(
            [.. Enum.GetNames<Core.NodePhase>(), nameof(Contract.NodePhase.Paused), nameof(Contract.NodePhase.KeptOut)],
            Enum.GetNames<Contract.NodePhase>());
    }

    [Theory]
    [InlineData("/v1/cluster", typeof(Contract.ClusterStatus))]
    [InlineData("/v1/health", typeof(Contract.Health))]
    [InlineData("/v1/me", typeof(Contract.Identity))]
    [InlineData("/v1/nodes", typeof(Contract.NodeStatus[]))]
    [InlineData("/v1/groups?explain", typeof(Contract.GroupStatus[]))]
    [InlineData("/v1/groups/web", typeof(Contract.GroupStatus))]
    [InlineData("/v1/domains", typeof(Contract.FailoverDomain[]))]
    [InlineData("/v1/fence-devices", typeof(Contract.FenceDevice[]))]
    [InlineData("/v1/fence-history", typeof(Contract.FenceRecord[]))]
    [InlineData("/v1/operations", typeof(Contract.Operation[]))]
    [InlineData("/v1/journal", typeof(Contract.JournalPage))]
    [InlineData("/v1/configuration/history", typeof(Contract.ConfigurationHistory))]
    [InlineData("/v1/event-scripts", typeof(Contract.EventScript[]))]
    [InlineData("/v1/journal/kinds", typeof(Contract.JournalKind[]))]
    [InlineData("/v1/plan?lose=node1", typeof(Contract.Plan))]
    [InlineData("/v1/runbooks/update", typeof(Contract.Runbook))]
    [InlineData("/v1/resource-types/lsb%3A%2Fetc%2Finit.d%2Fx", typeof(Contract.ResourceType))]
    public async Task The_modules_serializer_reads_what_the_daemon_writes_and_loses_nothing(string path, Type type)
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.Apply(new Core.RunbookRequest("book", "test", "update", "{}"));
        string text = await api.Http(api.Viewer).GetStringAsync(path);
        object value = JsonConvert.DeserializeObject(text, type, Settings)!;
        string again = System.Text.Json.JsonSerializer.Serialize(value, type, ApiJson.Strict);
        Assert.Equal(text, again);
    }
}
