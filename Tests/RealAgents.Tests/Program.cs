namespace ClusterTools.RealAgents.Tests;

/// <summary>The test runner; with a role as its first argument, one of the programs that run within a test's namespaces.</summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case AgentHost.Role:
                return await AgentHost.RunAsync(args[1], args[2], args[3..]);
            case OutsideFence.Role:
                return await OutsideFence.CallAsync(args[1]);
            case SeveralMachines.LedgerProgram.Role:
                await SeveralMachines.LedgerProgram.RunAsync(args[1], args[2..]);
                return 0;
            default:
                // As the entry point is that xunit would have made.
                return args.Any(static arg => arg is "--server" or "--internal-msbuild-node")
                    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
                        args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
                    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
        }
    }
}
