using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Node.Tests;

/// <summary>What a daemon is started with and can't be read ends the start with words that say why, and tell nothing of it.</summary>
public sealed class UnreadableFileTests : IDisposable
{
    private const string Secret = "hunter2-never-shown";

    private readonly string folder = Directory.CreateTempSubdirectory("clustertools-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("{\"node\": nulL, \"x\": \"hunter2-never-shown\"}", "true, false and null")]
    [InlineData("{\"node\": \"\\ud800\", \"x\": \"hunter2-never-shown\"}", "half of a character")]
    [InlineData("{\"node\": 7, \"x\": \"hunter2-never-shown\"}", "does not fit")]
    [InlineData("{\"node\": \"n1\", \"listen\": \"hunter2-never-shown\"}", "does not fit")]
    public void Settings(string content, string says)
    {
        File.WriteAllText(Path.Combine(folder, NodeSettings.FileName), content);
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => NodeSettings.Read(folder));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.Contains("Line 1, column", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"name\": nulL, \"x\": \"hunter2-never-shown\" }", "true, false and null")]
    [InlineData("{ \"name\": \"\\ud800\", \"version\": 1 }", "half of a character")]
    [InlineData("<cluster name=\"x\" passwd=\"hunter2-never-shown><a/></cluster>", "malformed")]
    [InlineData("LARGE", "Written out, the configuration has")]
    public async Task Bootstrap(string content, string says)
    {
        File.WriteAllText(Path.Combine(folder, "bootstrap.json"), content == "LARGE" ? Large() : content);
        var settings = new NodeSettings { Node = "n1", Cluster = "shop", EngineFolder = "engine", Listen = [], Lab = folder };
        await using var journal = new Journal(null);
        await using var archive = new ConfigurationArchive(null, _ => { });
        InvalidDataException e = await Assert.ThrowsAsync<InvalidDataException>(() => NodeHost.StartAsync(
            settings, folder, journal, archive, _ =>
            throw new InvalidOperationException("It gets no engine."), _ => { }, CancellationToken.None));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, e.Message, StringComparison.Ordinal);
    }

    /// <summary>Fits as a file, and not into the log.</summary>
    private static string Large()
    {
        string value = new('\u00e9', ConfigurationLimits.ParameterValueLength);
        string resources = string.Join(",", Enumerable.Range(0, 190).Select(i =>
            $$$"""{"id":"script:x{{{i}}}","type":"script","agent":"exec:/bin/true","parameters":{"text":"{{{value}}}"}}"""));
        return """{"name":"shop","version":1,"nodes":{"n1":{"name":"n1","id":1}},"groups":{"web":{"name":"web","resources":[RESOURCES]}}}"""
            .Replace("RESOURCES", resources, StringComparison.Ordinal);
    }
}
