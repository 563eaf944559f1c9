using System.Diagnostics;
using System.Globalization;

namespace ClusterTools.Simulation;

/// <summary>Runs seeds and reports; exit code 1 when an invariant was broken or a fault kind or premise was never reached.</summary>
internal static class Program
{
    private const int SeedsForCoverage = 500;

    /// <summary>Only the environment can set it: a large youngest generation, for what one seed makes mostly dies with it.</summary>
    private const string YoungestGeneration = "DOTNET_GCgen0size";

    public static int Main(string[] arguments)
    {
        long first = 1;
        long seeds = 2000;
        double minutes = double.PositiveInfinity;
        ulong? one = null;
        bool trace = false;
        bool goOn = false;
        bool linked = false;
        bool moving = false;
        int workers = Environment.ProcessorCount;
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => i + 1 < arguments.Length ? arguments[++i] : throw new ArgumentException($"{arguments[i]} needs a value.");
            switch (arguments[i])
            {
                case "--seeds":
                    seeds = long.Parse(Value(), CultureInfo.InvariantCulture);
                    break;
                case "--first":
                    first = long.Parse(Value(), CultureInfo.InvariantCulture);
                    break;
                case "--seed":
                    one = ulong.Parse(Value(), CultureInfo.InvariantCulture);
                    break;
                case "--minutes":
                    minutes = double.Parse(Value(), CultureInfo.InvariantCulture);
                    break;
                case "--workers":
                    workers = int.Parse(Value(), CultureInfo.InvariantCulture);
                    break;
                case "--trace":
                    trace = true;
                    break;
                case "--linked":
                    linked = true;
                    break;
                case "--moving":
                    moving = true;
                    break;
                case "--continue":
                    goOn = true;
                    break;
                default:
                    Console.Error.WriteLine(
                        $"Unknown option {arguments[i]}. Options: --seeds N, --first K, --minutes M, --workers W, --continue (after a "
                            + "failure), --linked, --moving (only seeds in which groups depend on each other, or guests move; they are "
                            + "counted on their own); --seed X [--trace] plays one seed.");
                    return 2;
            }
        }

        return one is { } seed ? Replay(seed, trace)
            : Environment.GetEnvironmentVariable(YoungestGeneration) is null ? Again(arguments)
            : Many(
                first, seeds, minutes, workers, goOn,
                linked ? World.LinkedSeed : moving ? World.MovingSeed : static number => (ulong)number);
    }

    /// <summary>The same in a process with 256 MiB for the youngest generation; a fifth faster.</summary>
    private static int Again(string[] arguments)
    {
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        var start = new ProcessStartInfo(self) { UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            start.ArgumentList.Add(typeof(Program).Assembly.Location);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[YoungestGeneration] = "0x10000000";
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static int Replay(ulong seed, bool trace)
    {
        var tally = new Tally();
        try
        {
            SimulationRun.Play(seed, tally, trace ? new Trace(Console.Out) : null);
            Console.WriteLine($"Seed {seed} holds.");
            return 0;
        }
        catch (InvariantBrokenException broken)
        {
            Console.Out.Flush();
            Console.WriteLine($"Seed {seed} fails. {broken.Message}");
            Console.WriteLine(broken.InnerException);
            return 1;
        }
    }

    private static int Many(long first, long seeds, double minutes, int workers, bool goOn, Func<long, ulong> seedOf)
    {
        var watch = Stopwatch.StartNew();
        SimulationReport report = SimulationRun.PlayMany(
            first, seeds, workers, goOn, () => watch.Elapsed.TotalMinutes >= minutes, seedOf,
            failure =>
            Console.WriteLine(
                $"Seed {failure.Seed} fails. {failure.Message}\n  replay: ClusterTools.Simulation --seed {failure.Seed} --trace"));
        Console.WriteLine(report.Tally);
        Console.WriteLine(
            $"{report.Tally.Seeds:N0} seeds hold, {report.Failures.Count:N0} fail; {watch.Elapsed.TotalSeconds:N1} s on {workers} workers, "
            + $"{watch.Elapsed.TotalMilliseconds * workers / Math.Max(1, report.Tally.Seeds + report.Failures.Count):N1} ms a seed and "
            + $"core.");
        foreach (IGrouping<string, SimulationFailure> kind in report.Failures.GroupBy(f => f.Invariant))
        {
            Console.WriteLine(
                $"  invariant {kind.Key}: {kind.Count()} seeds: {string.Join(' ', kind.Select(f => f.Seed).Order().Take(20))}");
        }

        IReadOnlyList<string> unreached = report.Tally.Seeds >= SeedsForCoverage ? report.Tally.Unreached() : [];
        foreach (string each in unreached)
        {
            Console.WriteLine($"Never reached: {each}. The run proves nothing about it.");
        }

        return report.Failures.Count > 0 || unreached.Count > 0 ? 1 : 0;
    }
}
