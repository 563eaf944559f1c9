using System.Text;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Import;

namespace ClusterTools.Fuzz;

/// <summary>Mutated configurations: read, told of, written and read again.</summary>
internal static class ConfigurationCases
{
    public static string? Play(Random random, bool show)
    {
        byte[] mutated = Secrets.Named(Mutator.Mutate(Corpus.One(random), random, Corpus.One(random)));
        if (show)
        {
            Console.WriteLine(Encoding.UTF8.GetString(mutated));
        }

        ImportResult result = ConfigurationFile.Read("file", mutated);
        foreach (ConfigurationProblem problem in result.Problems)
        {
            if (Secrets.In($"{problem} {problem.Path} {problem.Message} {problem.Remedy}"))
            {
                return $"a secret is told: {problem}";
            }

            if (problem.Message.Length == 0 || (problem.Severity == ProblemSeverity.Error && problem.Remedy.Length == 0))
            {
                return $"a problem without words: {problem}";
            }
        }

        if (result.Configuration is not { } configuration)
        {
            return result.Problems.Any(p => p.Severity == ProblemSeverity.Error) ? null : "refused without an error";
        }

        byte[] shown = ConfigurationJson.Write(SecretParameters.Redact(configuration));
        if (Secrets.In(Encoding.UTF8.GetString(shown)))
        {
            return "a secret is shown";
        }

        byte[] written = ConfigurationJson.Write(configuration);
        ImportResult again = ConfigurationJson.Read(written);
        if (again.Configuration is null || !ConfigurationEquality.Same(configuration, again.Configuration))
        {
            return $"not read back as it was written: {string.Join(" ", again.Problems.Take(3))}";
        }

        // What was accepted can be applied.
        ClusterState state = Cluster.Apply(ClusterState.Empty, 1, new ViewEvent(
            1,
            System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(
                StringComparer.Ordinal, configuration.Nodes.Keys.Select(n => KeyValuePair.Create(n, 1L))), Quorum.Quorate, false));
        state = Cluster.Apply(state, 1, 2, new EventEnvelope
        {
            Origin = configuration.Nodes.Keys.First(), Incarnation = 1, Time = 1, WallTime = 1,
                Event = new ConfigurationRequest("bootstrap", "fuzz", configuration),
        });
        _ = Cluster.Plan(state);
        return null;
    }
}
