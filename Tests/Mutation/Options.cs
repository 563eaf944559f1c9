using System.Globalization;

namespace ClusterTools.Mutation;

/// <summary>What was asked for on the command line.</summary>
internal sealed record Options
{
    public const string Usage = """
        Options: --file NAME (only this file of rules, such as Failback; may be repeated), --id N (only this mutant), --check PART (only
        checks with this in their name; may be repeated), --workers N (processes at once; 1), --seeds N (of the simulation, for what no
        test notices; 20, 0: none), --minutes M (then it ends with what it has),
        --survivors (only what no earlier run has noticed), --thorough (every check that reaches a mutant looks, not the 60 quickest of each
        kind besides scenarios), --list (says what the mutants are, and tries none).
        """;

    public IReadOnlyList<string> Files { get; private set; } = [];

    public int? Id { get; private set; }

    public IReadOnlyList<string> Checks { get; private set; } = [];

    public int Workers { get; private set; } = 1;

    public int Seeds { get; private set; } = 20;

    public double Minutes { get; private set; } = TimeSpan.FromDays(7).TotalMinutes;

    public bool Survivors { get; private set; }

    public bool Thorough { get; private set; }

    public bool List { get; private set; }

    /// <exception cref="ArgumentException">Something is not understood.</exception>
    public static Options Of(string[] arguments)
    {
        var options = new Options();
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => i + 1 < arguments.Length ? arguments[++i] : throw new ArgumentException($"{arguments[i]} needs a value.");
            int Number() => int.TryParse(Value(), CultureInfo.InvariantCulture, out int n) && n >= 0
                ? n
                : throw new ArgumentException($"'{arguments[i]}' is no number.");
            switch (arguments[i])
            {
                case "--file":
                    options.Files = [.. options.Files, Path.GetFileNameWithoutExtension(Value())];
                    break;
                case "--id":
                    options.Id = Number();
                    break;
                case "--check":
                    options.Checks = [.. options.Checks, Value()];
                    break;
                case "--workers":
                    options.Workers = Math.Max(1, Number());
                    break;
                case "--seeds":
                    options.Seeds = Number();
                    break;
                case "--minutes":
                    options.Minutes = Number();
                    break;
                case "--survivors":
                    options.Survivors = true;
                    break;
                case "--thorough":
                    options.Thorough = true;
                    break;
                case "--list":
                    options.List = true;
                    break;
                default:
                    throw new ArgumentException($"Unknown option {arguments[i]}.");
            }
        }

        return options;
    }
}
