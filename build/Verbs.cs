using ClusterTools.Build.Testing;

namespace ClusterTools.Build;

/// <summary>The verbs that build and then run something.</summary>
internal static class Verbs
{
    private static readonly string Example = Path.Combine("examples", "webshop", "cluster.conf");
    private static readonly string ExampleRoot = Path.Combine("examples", "webshop", "root");

    private static readonly string[][] FullBench =
    [
        [], ["failover", "--runs", "20"], ["commits", "--nodes", "3,5,9"], ["changes"], ["groups"], ["calm"],
    ];

    public static int Help(TextWriter to, int exitCode)
    {
        to.WriteLine("""
            Usage: ./build.sh VERB [ARGUMENTS]      (or ./build.ps1 with the same verbs)

              setup    install what the tests and the demo use besides .NET, where it is missing
              build    lay out the module in out/ClusterTools and the daemon in out/clusterd
              demo     setup, build, then a lab in which a node loses its power: failover and return, with a timeline;
                       demo machines: three machines (namespaces; wants root), from nothing to a cluster by the commands of the
                       README's chapter, and the power cut of one;
                       demo guests: two hosts with libvirt and QEMU, and a guest that moves, is moved, and fails over
              lab      build, then a lab with the example's configuration; arguments go to 'clusterd lab'
              test     setup, build, then all tests, or those whose project or file is named (test Core, test Module,
                       test ClusterGroup.Tests.ps1; pester: all in PowerShell); ends with one line of counts;
                       --full: with what takes hours, too; RealMachines: on machines with kernels of their own
              mutate   build the Core and its tests, then change the Core's rules one by one and see who notices; hours for all of
                       them (docs/mutation.md): mutate --file Failback, --survivors, --workers N, --minutes M, --seeds N,
                       --thorough
              bench    build, then the benchmarks; or some: bench lab, bench core, bench module; as root, several machines
                       in namespaces over corosync: bench failover [--runs N], beside Pacemaker where that is installed,
                       bench commits [--runs N] [--nodes 3,5,9,16], bench changes [--runs N],
                       bench migrations of a guest, beside virsh alone, bench groups
                       [--groups 10,100,1000] [--nodes 3], and bench calm [--minutes 60]; bench --full: all of them at the length
                       of docs/performance.md, then the power cuts and the chaos of Tests/RealAgents.Tests; three hours
              pack     build, then packages of the module and the daemon in out/packages
            """);
        return exitCode;
    }

    public static async Task<int> DemoAsync(string[] rest, CancellationToken cancel)
    {
        if (rest is ["machines" or "guests", ..])
        {
            return await ChapterDemoAsync(rest[0], cancel).ConfigureAwait(false);
        }

        await Setup.RunAsync(cancel).ConfigureAwait(false);
        await Layout.DaemonAsync(cancel).ConfigureAwait(false);
        return await ClusterdAsync(["lab", "demo", "--config", Example, "--root", ExampleRoot, .. rest], cancel).ConfigureAwait(false);
    }

    /// <summary>Machines, by a chapter of the README in a real PowerShell.</summary>
    private static async Task<int> ChapterDemoAsync(string name, CancellationToken cancel)
    {
        string project = Path.Combine("Tests", "Demos", "ClusterTools.Demos.csproj");
        await Setup.RunAsync(cancel).ConfigureAwait(false);
        await Layout.RunAsync(cancel).ConfigureAwait(false);
        await TestShell.SetUpAsync(cancel).ConfigureAwait(false);
        if (TestShell.Missing is { } missing)
        {
            throw new BuildException($"The chapter is typed into PowerShell, and {missing}.");
        }

        await Command.DotnetAsync("Building the demo", ["build", project, .. Layout.Quiet], cancel).ConfigureAwait(false);
        return await Command.RunAsync(
            "dotnet",
            [
                TestRun.OutputOf(project), name, Path.Combine(Repository.Root, "README.md"), Repository.Clusterd, Repository.Module,
                TestShell.Program,
            ],
            null, cancel).ConfigureAwait(false) ?? 1;
    }

    public static async Task<int> LabAsync(string[] rest, CancellationToken cancel)
    {
        await Layout.DaemonAsync(cancel).ConfigureAwait(false);
        string[] arguments = rest.Length > 0 && rest.Contains("--config")
            || rest is ["kill" or "stall" or "resume" or "revive" or "status" or "-h" or "--help", ..]
            ? rest
            : ["--nodes", "3", "--config", Example, "--root", ExampleRoot, .. rest];
        return await ClusterdAsync(["lab", .. arguments], cancel).ConfigureAwait(false);
    }

    public static async Task<int> BenchAsync(string[] rest, CancellationToken cancel)
    {
        if (rest is ["migrations", ..])
        {
            return await ChapterDemoAsync(rest[0], cancel).ConfigureAwait(false);
        }

        string project = Path.Combine("Tests", "Benchmarks", "ClusterTools.Benchmarks.csproj");
        if (!File.Exists(project))
        {
            throw new BuildException($"{project} is not there, so there is nothing to measure.");
        }

        await Layout.RunAsync(cancel).ConfigureAwait(false);
        await Command.DotnetAsync("Building the benchmarks", ["build", project, .. Layout.Quiet], cancel).ConfigureAwait(false);
        string program = TestRun.OutputOf(project);
        bool full = rest.Contains(TestRun.Full);
        foreach (string[] part in full ? FullBench : [rest])
        {
            string[] words =
            [
                program, "--daemon", Repository.Clusterd, "--module", Path.Combine(Repository.Module, "ClusterTools.psd1"), .. part,
            ];
            int exitCode = await Command.RunAsync("dotnet", words, null, cancel).ConfigureAwait(false) ?? 1;
            if (exitCode != 0)
            {
                return exitCode;
            }
        }

        return full ? await TestRun.RunAsync(["RealAgents", TestRun.Full], cancel).ConfigureAwait(false) : 0;
    }

    public static async Task<int> MutateAsync(string[] rest, CancellationToken cancel)
    {
        string project = Path.Combine("Tests", "Mutation", "ClusterTools.Mutation.csproj");
        Say.Step("build: the Core, its tests and their mutants");
        await Command.DotnetAsync("The build", ["build", project, .. Layout.Quiet], cancel).ConfigureAwait(false);
        return await Command.RunAsync("dotnet", [TestRun.OutputOf(project), .. rest], null, cancel).ConfigureAwait(false) ?? 1;
    }

    private static async Task<int> ClusterdAsync(string[] arguments, CancellationToken cancel) =>
        await Command.RunAsync(Repository.Clusterd, arguments, null, cancel).ConfigureAwait(false) ?? 1;
}
