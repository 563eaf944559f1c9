using System.Reflection;
using System.Text.RegularExpressions;

namespace ClusterTools.Api.Tests;

/// <summary>
/// Every problem that the API can answer with is shown to people, by the cmdlets: no paths, no methods, no words of the machinery.
/// </summary>
public sealed partial class PlainProblemsTests
{
    public static TheoryData<string> All => [.. Makers().Select(m => m.Name)];

    private static IEnumerable<MethodInfo> Makers() =>
        typeof(ApiApplication).Assembly.GetType("ClusterTools.Api.Problems", throwOnError: true)!
        .GetMethods(BindingFlags.Static | BindingFlags.Public).Where(m => m.ReturnType.Name == "ApiException");

    // For who writes programs against the API, and no command asks so.
    private static readonly string[] ForPrograms = ["NoSuchPath", "MethodNotAllowed"];

    [Theory]
    [MemberData(nameof(All))]
    public void A_problem_speaks_the_words_of_people(string name)
    {
        MethodInfo maker = Makers().Single(m => m.Name == name);
        object made = maker.Invoke(null, [.. maker.GetParameters().Select(Given)])!;
        var problem = (Contract.Problem)made.GetType().GetProperty("Problem")!.GetValue(made)!;
        Assert.NotEmpty(problem.Detail);
        Assert.NotEmpty(problem.Remedy);
        string words = $"{problem.Title} {problem.Detail} {problem.Remedy}";
        Assert.True(ForPrograms.Contains(name) || !Jargon().IsMatch(words), words);
    }

    private static object? Given(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(string) ? parameter.Name == "list" ? "Get-ClusterGroup" : "something"
        : parameter.ParameterType == typeof(int) ? 5000
        : parameter.ParameterType == typeof(long) ? 5000L
        : parameter.ParameterType == typeof(double) ? 2.0
        : parameter.ParameterType == typeof(bool) ? false
        : parameter.ParameterType == typeof(TimeSpan) ? TimeSpan.FromSeconds(5)
        : parameter.ParameterType == typeof(Contract.Operation)
        ? new Contract.Operation { Id = "x", Kind = "group.relocate", Target = "web", Message = "no" }
        : typeof(IReadOnlyList<Contract.ConfigurationProblem>).IsAssignableFrom(parameter.ParameterType)
            ? new[] { new Contract.ConfigurationProblem { Severity = Contract.ProblemSeverity.Error, Path = "groups/web", Message = "no",
                Remedy = "yes" } }
        : typeof(IEnumerable<string>).IsAssignableFrom(parameter.ParameterType) ? new[] { "something like it" }
        : parameter.ParameterType == typeof(Core.Configuration.EditRefusedException)
            ? Assert.Throws<Core.Configuration.EditRefusedException>(() =>
                Core.Configuration.ConfigurationEdit.Apply(new Core.Configuration.ClusterConfiguration { Name = "shop" }, []))
        : parameter.HasDefaultValue ? parameter.DefaultValue
        : throw new NotSupportedException($"What to give for {parameter}?");

    [GeneratedRegex(
        @"\b(incarnation|doomed|epoch|fence(Off|On|Reboot)|the view|If-Match|in the body)\b"
            + @"|\b(GET|POST|PUT|DELETE) /|/v1|\b\d{4,} ms\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Jargon();
}
