using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>
/// Asks all machines of a network for changes, each by itself, from beside them. Words on standard input: <c>begin ROUND</c>; <c>end</c>;
/// <c>keep</c>, which tells what each machine has. Says <c>answered MACHINE CHANGE</c>, <c>kept MACHINE DEVICE CHANGE…</c>, and
/// <c>done</c> after each word but the first.
/// </summary>
internal static class LedgerProgram
{
    public const string Role = "role-ledger";

    private const string DeviceOf = "ledger-";

    /// <param name="context">The administrator's context file.</param>
    /// <param name="machines">Each one's name and the address of its API (<c>NAME=ADDRESS</c>).</param>
    public static async Task RunAsync(string context, string[] machines)
    {
        Dictionary<string, ClusterClient> clients = machines.Select(static m => m.Split('=', 2)).ToDictionary(
            static m => m[0], m => Client(context, m[1]));
        CancellationTokenSource ending = new();
        Task asking = Task.CompletedTask;
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["begin", var round]:
                    ending = new CancellationTokenSource();
                    CancellationToken cancel = ending.Token;
                    asking = Task.WhenAll(clients.Select(c => Task.Run(() => AskedChanges.AskAsync(
                        c.Value, DeviceOf + c.Key, round, change => Console.WriteLine($"answered {c.Key} {change}"), cancel))));
                    continue;
                case ["end"]:
                    await ending.CancelAsync();
                    await asking;
                    ending.Dispose();
                    break;
                case ["keep"]:
                    foreach ((string name, ClusterClient client) in clients)
                    {
                        foreach ((string device, IReadOnlyList<string> changes) in
                            await AskedChanges.KeptAsync(client, CancellationToken.None))
                        {
                            Console.WriteLine($"kept {name} {device} {string.Join(' ', changes)}");
                        }
                    }

                    break;
                default:
                    throw new InvalidOperationException($"Unknown word '{line}'.");
            }

            Console.WriteLine("done");
        }
    }

    /// <summary>The device whose parameters are the changes that are asked of a machine.</summary>
    public static string Device(string machine) => DeviceOf + machine;

    private static ClusterClient Client(string context, string address)
    {
        ClientContext one = ContextFile.Find(context, ContextFile.Read(context, WireJson.Default), null);
        one.Servers = [address];
        return ClusterClient.FromContext(one, context, WireJson.Default);
    }
}
