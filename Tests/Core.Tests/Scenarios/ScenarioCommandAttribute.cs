namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>Stands at the function that carries out a command of scenario files; README.md beside the files is made of these.</summary>
/// <param name="usage">The command's word, then what follows it; in brackets what may be left out.</param>
/// <param name="what">What it does, in a sentence.</param>
/// <param name="example">
/// Lines of a scenario. Those that do not begin with <c>cluster</c> find <see cref="ScenarioRunner.ExampleCluster"/> at rest.
/// </param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ScenarioCommandAttribute(string usage, string what, string example) : Attribute
{
    public string Usage => usage;

    public string What => what;

    public string Example => example;

    /// <summary>The first word of a line.</summary>
    public string Name => usage.Split(' ')[0];
}
