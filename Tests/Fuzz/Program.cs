using System.Diagnostics;
using System.Globalization;

namespace ClusterTools.Fuzz;

/// <summary>Plays mutated configurations and requests and reports; exit code 1 when something was found.</summary>
internal static class Program
{
    // Cases before memory is measured, and a twentieth of all: code is compiled, what has a limit is full, allocators have what they need.
    private const int LeastWarmUp = 3000;

    private const double MostGrowth = 1.2;

    public static async Task<int> Main(string[] arguments)
    {
        int count = 1000;
        int seed = 1;
        int? only = null;
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => i + 1 < arguments.Length ? arguments[++i] : throw new ArgumentException($"{arguments[i]} needs a value.");
            switch (arguments[i])
            {
                case "--count":
                    count = int.Parse(Value(), CultureInfo.InvariantCulture);
                    break;
                case "--seed":
                    seed = int.Parse(Value(), CultureInfo.InvariantCulture);
                    break;
                case "--only":
                    only = int.Parse(Value(), CultureInfo.InvariantCulture);
                    break;
                default:
                    await Console.Error.WriteLineAsync(
                        "Options: --count N (1000), --seed S (1); --only I plays one case of the seed, alone, and shows it.");
                    return 2;
            }
        }

        await using var requests = await RequestCases.StartAsync();
        return only is { } one ? await ReplayAsync(requests, seed, one) : await RunAsync(requests, seed, count);
    }

    private static async Task<int> RunAsync(RequestCases requests, int seed, int count)
    {
        for (int i = 1; i <= Math.Max(LeastWarmUp, count / 20); i++)
        {
            await PlayAsync(requests, seed, -i, show: false);
        }

        (long managed, long resident) = Memory();
        long started = Stopwatch.GetTimestamp();
        int found = 0;
        for (int i = 0; i < count; i++)
        {
            if (await PlayAsync(requests, seed, i, show: false) is { } finding)
            {
                found++;
                Console.WriteLine($"case {i}: {finding}");
                Console.WriteLine($"    replay with: --seed {seed} --only {i}");
                if (found >= 20)
                {
                    Console.WriteLine("That is enough.");
                    return 1;
                }
            }

            if ((i + 1) % 50_000 == 0)
            {
                (long now, long here) = Memory();
                Console.WriteLine(
                    $"{i + 1:N0} cases, {Stopwatch.GetElapsedTime(started):hh\\:mm\\:ss}, managed {now >> 20} MiB, resident {here >> 20} "
                        + $"MiB");
            }
        }

        (long managedAfter, long residentAfter) = Memory();
        Console.WriteLine($"{count:N0} cases of seed {seed} in {Stopwatch.GetElapsedTime(started):hh\\:mm\\:ss}: {requests.Answers}");
        Console.WriteLine(
            $"managed memory {managed / 1048576.0:0.0} -> {managedAfter / 1048576.0:0.0} MiB, resident {resident / 1048576.0:0.0} -> "
                + $"{residentAfter / 1048576.0:0.0} MiB");
        if (managedAfter > managed * MostGrowth || residentAfter > resident * MostGrowth)
        {
            Console.WriteLine($"Memory has grown by more than {MostGrowth - 1:P0}.");
            found++;
        }

        Console.WriteLine(found == 0 ? "Nothing was found." : $"{found} found.");
        return found == 0 ? 0 : 1;
    }

    private static async Task<int> ReplayAsync(RequestCases requests, int seed, int one)
    {
        string? finding = await PlayAsync(requests, seed, one, show: true);
        Console.WriteLine(finding ?? "Nothing was found. What a case finds may depend on those before it.");
        return finding is null ? 0 : 1;
    }

    /// <returns>What is wrong; null: nothing.</returns>
    private static async Task<string?> PlayAsync(RequestCases requests, int seed, int index, bool show)
    {
        var random = new Random(unchecked((seed * 1_000_003) + index));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            return (index & int.MaxValue) % 3 == 2 ? await requests.PlayAsync(random, show, limit.Token)
                : ConfigurationCases.Play(random, show);
        }
        catch (OperationCanceledException)
        {
            return "no end within a minute";
        }
        catch (Exception e)
        {
            return e.ToString();
        }
    }

    private static (long Managed, long Resident) Memory()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        using var self = Process.GetCurrentProcess();
        return (GC.GetGCMemoryInfo(GCKind.FullBlocking).HeapSizeBytes, self.WorkingSet64);
    }
}
