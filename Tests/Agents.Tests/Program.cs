using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ClusterTools.Fencing.Lab;

namespace ClusterTools.Agents.Tests;

/// <summary>The test runner; with a role as its first argument, one of the processes that the tests need beside themselves.</summary>
public static class Program
{
    internal const string SupervisorRole = "role-supervisor";
    internal const string FenceRole = "role-fence-lab";
    internal const string ExecutorRole = "role-executor";

    public static async Task<int> Main(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case SupervisorRole:
                return await SuperviseAsync(args[1], args[2], args[3..]);
            case FenceRole:
                return await LabFenceAgent.RunAsync(Console.In, Console.Out, Console.Error);
            case ExecutorRole:
                return await ExecuteAsync(args[1], args[2], args[3]);
            default:
                // As the entry point is that xunit would have made.
                return args.Any(static arg => arg is "--server" or "--internal-msbuild-node")
                    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
                        args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
                    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
        }
    }

    private static async Task<int> SuperviseAsync(string lab, string node, string[] commandLine)
    {
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        var options = new LabSupervisorOptions
        {
            LabFolder = lab,
            Node = node,
            CommandLine = [.. commandLine],
            RunFolder = Path.Combine(lab, node, "run"),
            Report = static line => Console.WriteLine(line),
        };
        await LabSupervisor.RunAsync(options, stop.Token);
        return 0;
    }

    // A daemon that begins an action and is then killed by the test.
    private static async Task<int> ExecuteAsync(string stateFolder, string actionId, string agent)
    {
        using var executor = new ResourceAgentExecutor(new ResourceAgentOptions { StateFolder = stateFolder });
        await executor.RunAsync(
            new ResourceRequest
            {
                ActionId = actionId, Group = "web", Resource = "script:one", Agent = agent, Operation = ResourceOperation.Start,
                Timeout = TimeSpan.FromMinutes(1), Parameters = ImmutableSortedDictionary<string, string>.Empty,
            },
            CancellationToken.None);
        return 0;
    }
}
