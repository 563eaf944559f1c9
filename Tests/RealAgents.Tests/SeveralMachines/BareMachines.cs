using System.Text.Json;
using ClusterTools.Agents;
using ClusterTools.Engines.Tests.Corosync.Network;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>Machines on a network that know of no cluster yet, and what a person would type on them.</summary>
internal sealed class BareMachines(Workshop workshop) : IAsyncDisposable
{
    private readonly CorosyncNetwork network = new(Names, isWhole: true) { IsBare = true };

    public static IReadOnlyList<string> Names { get; } = ["n1", "n2", "n3"];

    public string Context => workshop["admin/context.json"];

    public async Task StartAsync() => await network.InitializeAsync();

    public string Address(string name) => network.Address(name);

    public string State(string name) => workshop[Path.Combine("state", name)];

    public Task CutPowerAsync(string name) => network.CutPowerAsync(name);

    /// <summary>What a person types on a machine.</summary>
    public Task<ProcessOutcome> TryAsync(string name, string script) => Shell.TryAsync(network.On(name, "/bin/sh", "-c", script));

    /// <summary>What a person types on a machine, and what must go well.</summary>
    public async Task<string> RunAsync(string name, string script)
    {
        ProcessOutcome outcome = await TryAsync(name, script);
        Assert.True(outcome.ExitCode == 0, $"{name}: '{script}' returned {outcome.ExitCode}: {outcome.Output}\n{LastWords()}");
        return outcome.Output.Trim();
    }

    /// <summary>The daemon's own program.</summary>
    public async Task<string> ClusterdAsync(string name, string arguments) =>
        await RunAsync(name, $"export DOTNET_EnableDiagnostics=0; '{Premises.Clusterd}' {arguments}");

    public async Task<ProcessOutcome> TryClusterdAsync(string name, string arguments) =>
        await TryAsync(name, $"export DOTNET_EnableDiagnostics=0; '{Premises.Clusterd}' {arguments}");

    /// <summary>The first machine is a cluster.</summary>
    public Task<string> InitAsync(string name) => ClusterdAsync(
        name,
        $"init --cluster shop --engine corosync --node {name} --address {name}={Address(name)} --state '{State(name)}' "
            + $"--admin '{workshop["admin"]}' --start");

    /// <summary>A token for one more machine.</summary>
    public async Task<string> InviteAsync(string at, string name, string more = "") =>
        (await ClusterdAsync(at, $"invite {name} --address {Address(name)} --context '{Context}' {more} 2>/dev/null")).Trim();

    public Task<string> JoinAsync(string name, string token) => ClusterdAsync(name, $"join {token} --state '{State(name)}'");

    /// <summary>The status as JSON.</summary>
    public async Task<JsonElement> StatusAsync(string at)
    {
        ProcessOutcome outcome = await TryClusterdAsync(at, $"status --json --context '{Context}'");
        using var document = JsonDocument.Parse(outcome.Output);
        return document.RootElement.Clone();
    }

    /// <summary>Votes by node, of those that are Online.</summary>
    public async Task<IReadOnlyDictionary<string, int>> OnlineAsync(string at) =>
        (await StatusAsync(at)).GetProperty("nodes").EnumerateArray().Where(n => n.GetProperty("phase").GetString() == "online")
            .ToDictionary(n => n.GetProperty("name").GetString()!, n => n.GetProperty("votes").GetInt32());

    /// <summary>One edit of the configuration, in force when this is done.</summary>
    public Task<string> EditAsync(string at, string edit) => RunAsync(
        at, $"cd '{workshop["admin"]}'; curl -sS --fail-with-body --cacert ca.pem --cert-type P12 --cert admin.pfx: "
            + $"-H 'Content-Type: application/json' -d '{{ \"edits\": [ {edit} ] }}' "
            + $"'https://{Address(at)}:7450/v1/configuration/edit?wait=30'");

    public ValueTask DisposeAsync() => network.DisposeAsync();

    /// <summary>What the daemons said last.</summary>
    public string LastWords() => string.Join('\n', Names.Select(name => State(name) + "/clusterd.log").Where(File.Exists)
        .Select(log => $"--- {log}\n{string.Join('\n', File.ReadLines(log).TakeLast(25))}"));
}
