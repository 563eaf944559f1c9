using System.Text.Json.Nodes;
using ClusterTools.Contract;

namespace ClusterTools.Api.Tests;

/// <summary>A mistyped parameter is refused before it can take a running service down.</summary>
public sealed class AgentCheckTests
{
    private const string Metadata = """
        cat <<'XML'
        <?xml version="1.0"?>
        <resource-agent name="Thing"><version>1.0</version><parameters>
        <parameter name="ip" required="1"><shortdesc lang="en">The address</shortdesc><content type="string"/></parameter>
        <parameter name="address" required="1" deprecated="1"><shortdesc lang="en">The address</shortdesc><content type="string"/></parameter>
        <parameter name="port" required="1"><shortdesc lang="en">The port</shortdesc><content type="integer" default="80"/></parameter>
        <parameter name="fast"><content type="boolean"/></parameter>
        <parameter name="kind"><content type="select"><option value="red"/><option value="blue"/></content></parameter>
        <parameter name="password"><content type="integer"/></parameter>
        </parameters><actions/></resource-agent>
        XML

        """;

    private static async Task<(TestApi Api, JsonObject Document)> StartAsync()
    {
        TestApi api = await TestApi.StartAsync();
        api.InstallAgents();
        api.Node.AgentFolder.Write("resource.d/test/Thing", Metadata);
        api.Node.AgentFolder.Write("fence/fence_thing", AgentTests.FenceMetadata);
        (string json, _) = await api.Client(api.Administrator).GetConfigurationAsync(TestApi.Timeout);
        return (api, JsonNode.Parse(json)!.AsObject());
    }

    private static JsonObject WithResource(JsonObject document, string agent, params (string Name, string Value)[] parameters)
    {
        var given = new JsonObject();
        foreach ((string name, string value) in parameters)
        {
            given[name] = value;
        }

        document["groups"]!["new"] = new JsonObject
        {
            ["name"] = "new",
            ["resources"] =
            new JsonArray(new JsonObject { ["id"] = "thing:one", ["type"] = "thing", ["agent"] = agent, ["parameters"] = given }),
        };
        return document;
    }

    private static Task<HttpResponseMessage> SendAsync(TestApi api, JsonObject document, string query = "") =>
        api.Http(api.Administrator).PutAsync("/v1/configuration?expected-version=1" + query, new StringContent(document.ToJsonString()));

    [Theory]
    [InlineData("ocf:test:Thing", "ip", "192.0.2.1", null)]
    [InlineData("ocf:test:Thing", "address", "192.0.2.1", null)]
    [InlineData("ocf:test:Thing", "ipp", "192.0.2.1", "has no parameter 'ipp'; near it: ip")]
    [InlineData("ocf:test:Thing", "fast", "1", "needs the parameter 'ip'")]
    [InlineData("ocf:test:Thnig", "ip", "192.0.2.1", "not installed on node1; near it: ocf:test:Thing")]
    [InlineData("exec:/no/such/program", "any", "thing", "not installed on node1")]
    public async Task What_an_agent_would_refuse_is_refused_before_it_is_committed(string agent, string name, string value, string? said)
    {
        (TestApi started, JsonObject document) = await StartAsync();
        await using TestApi api = started;
        HttpResponseMessage answer = await SendAsync(api, WithResource(document, agent, (name, value)));
        if (said is null)
        {
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestApi.Timeout));
            return;
        }

        // Where it is only that this node has not the agent, a client may ask another one.
        bool missing = said.StartsWith("not installed", StringComparison.Ordinal);
        Problem problem = await Task.FromResult(answer)
            .ProblemAsync(400, missing ? ProblemCodes.AgentNotInstalled : ProblemCodes.InvalidConfiguration);
        ConfigurationProblem found = problem.Problems!.First(p => p.Severity == ProblemSeverity.Error);
        Assert.Equal("groups/new/resources/thing:one", found.Path);
        Assert.Contains(said, found.Message, StringComparison.Ordinal);
        Assert.Contains("-Force", found.Remedy, StringComparison.Ordinal);
        Assert.Equal(1, api.Node.State.Configuration.Version);
    }

    [Theory]
    [InlineData("", ProblemSeverity.Warning)]
    [InlineData("&force=false", ProblemSeverity.Error)]
    public async Task A_parameter_like_none_that_the_agent_names_is_warned_of_and_refused_to_who_asks_for_that(
        string query, ProblemSeverity severity)
    {
        (TestApi started, JsonObject document) = await StartAsync();
        await using TestApi api = started;
        HttpResponseMessage answer =
            await SendAsync(api, WithResource(document, "ocf:test:Thing", ("ip", "192.0.2.1"), ("replication_account", "x")), query);
        IReadOnlyList<ConfigurationProblem> problems = severity == ProblemSeverity.Error
            ? (await Task.FromResult(answer).ProblemAsync(400, ProblemCodes.InvalidConfiguration)).Problems!
            : (await Task.FromResult(answer).ReadAsync<Operation>()).Problems!;
        Assert.Contains(problems, p => p.Severity == severity
            && p.Message.Contains("has no parameter 'replication_account'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("port", "eighty", "a whole number")]
    [InlineData("fast", "rather", "true or false")]
    [InlineData("kind", "green", "one of red, blue")]
    public async Task A_value_of_the_wrong_type_is_refused_without_being_repeated(string name, string value, string said)
    {
        (TestApi started, JsonObject document) = await StartAsync();
        await using TestApi api = started;
        Problem problem = await SendAsync(api, WithResource(document, "ocf:test:Thing", ("ip", "192.0.2.1"), (name, value)))
            .ProblemAsync(400, ProblemCodes.InvalidConfiguration);
        string message = Assert.Single(problem.Problems!, p => p.Severity == ProblemSeverity.Error).Message;
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.DoesNotContain(value, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_says_nothing_of_its_parameters_may_take_any()
    {
        const string Nothing =
            "echo '<?xml version=\"1.0\"?><resource-agent name=\"Odd\"><version>1.0</version><parameters></parameters><actions><action "
                + "name=\"off\"/></actions></resource-agent>'\n";
        (TestApi started, JsonObject document) = await StartAsync();
        await using TestApi api = started;
        api.Node.AgentFolder.Write("resource.d/test/Odd", Nothing);
        api.Node.AgentFolder.Write("fence/fence_odd", Nothing);
        document["fenceDevices"]!["odd"] =
            new JsonObject { ["name"] = "odd", ["agent"] = "fence_odd", ["parameters"] = new JsonObject { ["mode"] = "flood" } };
        Operation done = await SendAsync(api, WithResource(document, "ocf:test:Odd", ("any", "thing"))).ReadAsync<Operation>();
        Assert.Contains(done.Problems!, p => p.Severity == ProblemSeverity.Warning && p.Path == "fenceDevices/odd"
            && p.Message.Contains("'mode' can't be checked", StringComparison.Ordinal));
        Assert.Contains(done.Problems!, p => p.Severity == ProblemSeverity.Warning && p.Path == "groups/new/resources/thing:one"
            && p.Message.Contains("'any' can't be checked", StringComparison.Ordinal));
        Assert.Equal(2, api.Node.State.Configuration.Version);
    }

    [Fact]
    public async Task Who_insists_is_warned_and_goes_on()
    {
        (TestApi started, JsonObject document) = await StartAsync();
        await using TestApi api = started;
        Operation done = await SendAsync(api, WithResource(document, "ocf:test:Elsewhere", ("ip", "192.0.2.1")), "&force=true")
            .ReadAsync<Operation>();
        Assert.Contains(done.Problems!, p => p.Severity == ProblemSeverity.Warning
            && p.Message.Contains("not installed", StringComparison.Ordinal));
        Assert.Equal(2, api.Node.State.Configuration.Version);
    }

    [Fact]
    public async Task What_is_in_force_is_not_made_wrong_by_its_agent()
    {
        (TestApi started, JsonObject document) = await StartAsync();
        await using TestApi api = started;

        // No agent of the group db is installed here.
        document["timing"]!["token"] = 1100;
        await SendAsync(api, document).ReadAsync<Operation>();
        Assert.Equal(2, api.Node.State.Configuration.Version);
    }

    [Fact]
    public async Task A_fence_device_needs_an_agent_that_is_there_and_what_its_methods_do_not_give()
    {
        (TestApi started, JsonObject document) = await StartAsync();
        await using TestApi api = started;
        document["fenceDevices"]!["bmc"] = new JsonObject { ["name"] = "bmc", ["agent"] = "fence_nosuch" };
        Problem problem = await SendAsync(api, document).ProblemAsync(400, ProblemCodes.AgentNotInstalled);
        Assert.Contains(problem.Problems!, p => p.Path == "fenceDevices/bmc"
            && p.Message.Contains("Fence agent 'fence_nosuch' is not installed on node1", StringComparison.Ordinal));

        document["fenceDevices"]!["bmc"]!["agent"] = "fence_thing";
        JsonObject method = document["nodes"]!["node1"]!["fenceMethods"]![0]!.DeepClone().AsObject();
        method["name"] = "bmc";
        method["steps"] = new JsonArray(new JsonObject { ["device"] = "bmc", ["parameters"] = new JsonObject() });
        document["nodes"]!["node1"]!["fenceMethods"]!.AsArray().Add(method);
        problem = await SendAsync(api, document).ProblemAsync(400, ProblemCodes.InvalidConfiguration);
        Assert.Contains(problem.Problems!, p => p.Path == "fenceDevices/bmc"
            && p.Message.Contains("needs the parameter 'plug'", StringComparison.Ordinal));

        method["steps"]![0]!["parameters"]!["plug"] = "4";
        await SendAsync(api, document).ReadAsync<Operation>();
        Assert.Equal(2, api.Node.State.Configuration.Version);
    }
}
