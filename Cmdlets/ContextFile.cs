using System.IO;
using ClusterTools.Contract;
using Newtonsoft.Json;
using Newtonsoft.Json.Serialization;

namespace ClusterTools.Cmdlets;

/// <summary>The client context file, as <c>clusterd init</c> and the lab write it.</summary>
internal static class ContextFile
{
    /// <summary>Names another file than the default one.</summary>
    private const string Variable = "CLUSTERTOOLS_CONTEXTS";

    private static readonly JsonSerializerSettings Settings = new() { ContractResolver = new CamelCasePropertyNamesContractResolver() };

    /// <summary>What the variable says, else <c>clustertools/contexts.json</c> in the user's folder for configuration.</summary>
    public static string DefaultPath =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? named
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "clustertools", "contexts.json");

    /// <summary>Reads the file; one that is not there is an empty one.</summary>
    public static ClientContexts Read(string path) =>
        File.Exists(path) ? JsonConvert.DeserializeObject<ClientContexts>(File.ReadAllText(path), Settings) ?? new ClientContexts() : new ClientContexts();
}
