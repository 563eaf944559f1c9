using ClusterTools.Contract;

namespace ClusterTools.Api.Tests;

public sealed class AgentTests
{
    private const string OcfMetadata = """
        echo called >> "$(dirname "$0")/../../calls"
        cat <<'XML'
        <?xml version="1.0"?>
        <resource-agent name="Thing" version="1.2"><version>1.0</version>
        <longdesc lang="en">Runs a thing, at length.</longdesc><shortdesc lang="en">Runs a thing</shortdesc>
        <parameters>
        <parameter name="size" unique="1" required="1"><longdesc lang="en">How large it is, in full.</longdesc><shortdesc lang="en">How large</shortdesc><content type="integer" default="7"/></parameter>
        <parameter name="kind"><shortdesc lang="en">Which</shortdesc><content type="select" default="red"><option value="red"/><option value="blue"/></content></parameter>
        <parameter name="password"><shortdesc lang="en">For the thing</shortdesc><content type="string"/></parameter>
        </parameters>
        <actions><action name="start" timeout="20s"/><action name="monitor" timeout="500ms" interval="10s" depth="10"/></actions>
        </resource-agent>
        XML

        """;

    internal const string FenceMetadata = """
        cat <<'XML'
        <?xml version="1.0"?>
        <resource-agent name="fence_thing" shortdesc="Cuts a thing off"><longdesc>At length.</longdesc><vendor-url>https://example.org</vendor-url>
        <parameters><parameter name="plug" required="1"><content type="string"/><shortdesc lang="en">Which outlet</shortdesc></parameter>
        <parameter name="password"><content type="string"/><shortdesc lang="en">Login password</shortdesc></parameter></parameters>
        <actions><action name="off"/><action name="monitor"/></actions></resource-agent>
        XML

        """;

    [Fact]
    public async Task The_list_follows_what_is_installed_and_removed()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Viewer);
        async Task<string[]> NamesAsync() =>
            [
                .. (await http.GetAsync("/v1/resource-types").ReadAsync<ResourceType[]>()).Where(t => t.Class != ResourceTypeClass.Classic)
                .Select(t => t.Name)];
        Assert.Empty(await NamesAsync());
        string thing = api.Node.AgentFolder.Write("resource.d/test/Thing", OcfMetadata);
        Assert.Equal(["ocf:test:Thing"], await NamesAsync());
        Assert.True(
            SpinWait.SpinUntil(
                () => ReferenceEquals(api.Node.Agents.Resources.Find(), api.Node.Agents.Resources.Find()), TimeSpan.FromMinutes(1)));
        api.Node.AgentFolder.Write("resource.d/other/Thing", OcfMetadata);
        api.Node.AgentFolder.Write("init.d/oldd", "exit 0\n");
        Assert.Equal(["ocf:other:Thing", "ocf:test:Thing", "lsb:oldd"], await NamesAsync());
        File.Delete(thing);
        Assert.Equal(["ocf:other:Thing", "lsb:oldd"], await NamesAsync());
    }

    [Fact]
    public async Task Agents_are_listed_by_name_without_being_called_and_one_is_told_in_full()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.AgentFolder.Write("resource.d/test/Thing", OcfMetadata);
        api.Node.AgentFolder.Write("init.d/oldd", "exit 0\n");
        api.Node.AgentFolder.Write("units/newd.service", "[Service]\n");
        api.Node.AgentFolder.Write("units/each@.service", "[Service]\n");
        HttpClient http = api.Http(api.Viewer);

        ResourceType[] all = await http.GetAsync("/v1/resource-types").ReadAsync<ResourceType[]>();
        Assert.Equal(["ocf:test:Thing", "lsb:oldd"], all.Where(t => t.Class != ResourceTypeClass.Classic).Select(t => t.Name));
        ResourceType address = all.Single(t => t.Name == "ip");
        Assert.Equal(
            (ResourceTypeClass.Classic, "ocf:heartbeat:IPaddr2", "heartbeat", false),
            (address.Class, address.Agent, address.Provider, address.Installed));
        Assert.Equal("test", all[0].Provider);
        Assert.Null(all[0].ShortDescription);
        Assert.Null(all[0].Parameters);
        Assert.Equal(0, api.Node.AgentFolder.Calls("calls"));
        Assert.Equal(
            ["systemd:newd"], (await http.GetAsync("/v1/resource-types?agent=systemd:*").ReadAsync<ResourceType[]>()).Select(t => t.Name));
        Assert.Equal(["lsb:oldd"], (await http.GetAsync("/v1/resource-types?agent=*OLD?").ReadAsync<ResourceType[]>()).Select(t => t.Name));

        ResourceType thing = await http.GetAsync("/v1/resource-types/ocf%3Atest%3AThing").ReadAsync<ResourceType>();
        Assert.Equal(("Runs a thing", "Runs a thing, at length.", true), (thing.ShortDescription, thing.LongDescription, thing.Installed));
        AgentParameter size = thing.Parameters!.Single(p => p.Name == "size");
        Assert.Equal(
            ("integer", "7", true, true, false, "How large", "How large it is, in full."),
            (size.Type, size.Default, size.Required, size.Unique, size.Secret, size.Description, size.LongDescription));
        Assert.Equal(["red", "blue"], thing.Parameters!.Single(p => p.Name == "kind").Options);
        Assert.True(thing.Parameters!.Single(p => p.Name == "password").Secret);
        Assert.Equal(
            [("start", TimeSpan.FromSeconds(20), null, null), ("monitor", TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10), 10)],
            thing.Actions!.Select(a => (a.Name, a.Timeout!.Value, a.Interval, a.Depth)));

        api.Node.AgentFolder.Write("resource.d/heartbeat/IPaddr2", OcfMetadata);
        ResourceType ip = await http.GetAsync("/v1/resource-types/ip").ReadAsync<ResourceType>();
        Assert.Equal(
            ("ip", "ocf:heartbeat:IPaddr2", ResourceTypeClass.Classic, true, "Runs a thing"),
            (ip.Name, ip.Agent, ip.Class, ip.Installed, ip.ShortDescription));
        Assert.Equal(3, ip.Parameters!.Count);
        Assert.Equal("lsb:", (await http.GetAsync("/v1/resource-types/script").ReadAsync<ResourceType>()).Agent);

        // Known from now on.
        await http.GetAsync("/v1/resource-types/ocf%3Atest%3AThing").ReadAsync<ResourceType>();
        Assert.Equal(2, api.Node.AgentFolder.Calls("calls"));
        Assert.Equal(
            "Runs a thing",
            (await http.GetAsync("/v1/resource-types?agent=ocf:test:*").ReadAsync<ResourceType[]>()).Single().ShortDescription);
    }

    [Fact]
    public async Task An_agent_that_is_not_there_is_not_found_and_one_that_fails_is_told_so()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.AgentFolder.Write("resource.d/test/Thing", OcfMetadata);
        api.Node.AgentFolder.Write("resource.d/test/Broken", "echo no >&2; exit 1\n");
        HttpClient http = api.Http(api.Viewer);
        Problem missing = await http.GetAsync("/v1/resource-types/ocf%3Atest%3AThink").ProblemAsync(404, ProblemCodes.NotFound);
        Assert.Contains("ocf:test:Thing", missing.Near!);
        await http.GetAsync("/v1/resource-types/nonsense").ProblemAsync(404, ProblemCodes.NotFound);
        await http.GetAsync("/v1/resource-types/exec%3A%2Fbin%2Fsh").ProblemAsync(404, ProblemCodes.NotFound);
        Assert.Equal(
            "Init script",
            (await http.GetAsync("/v1/resource-types/lsb%3A%2Fetc%2Finit.d%2Fx").ReadAsync<ResourceType>()).ShortDescription);
        await http.GetAsync("/v1/resource-types/ocf%3A..%3A..").ProblemAsync(404, ProblemCodes.NotFound);
        Problem broken = await http.GetAsync("/v1/resource-types/ocf%3Atest%3ABroken").ProblemAsync(502, ProblemCodes.AgentFailed);
        Assert.Contains("returned 1", broken.Detail, StringComparison.Ordinal);
        await api.Http(api.Stranger).GetAsync("/v1/resource-types").ProblemAsync(403, ProblemCodes.UnknownCertificate);
    }

    [Fact]
    public async Task A_fence_agent_tells_what_it_is_and_a_path_of_a_callers_own_is_not_run()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.AgentFolder.Write("fence/fence_thing", FenceMetadata);
        string stray =
            api.Node.AgentFolder.Write("elsewhere/fence_stray", "echo called >> \"$(dirname \"$0\")/../stray\"\n" + FenceMetadata);
        HttpClient http = api.Http(api.Viewer);
        Assert.Contains("fence_thing", (await http.GetAsync("/v1/fence-agents").ReadAsync<FenceAgent[]>()).Select(a => a.Name));
        FenceAgent thing = await http.GetAsync("/v1/fence-agents/fence_thing").ReadAsync<FenceAgent>();
        Assert.Equal(
            ("Cuts a thing off", "At length.", "https://example.org"), (thing.ShortDescription, thing.LongDescription, thing.VendorUrl));
        Assert.True(thing.Parameters!.Single(p => p.Name == "plug").Required);
        Assert.True(thing.Parameters!.Single(p => p.Name == "password").Secret);
        Assert.Equal(["off", "monitor"], thing.Actions!.Select(a => a.Name));
        Problem missing = await http.GetAsync("/v1/fence-agents/fence_think").ProblemAsync(404, ProblemCodes.NotFound);
        Assert.Contains("fence_thing", missing.Near!);
        await http.GetAsync("/v1/fence-agents/" + Uri.EscapeDataString(stray)).ProblemAsync(404, ProblemCodes.NotFound);
        Assert.Equal(0, api.Node.AgentFolder.Calls("stray"));
    }
}
