using System.Linq;
using System.Management.Automation;
using ClusterTools.Contract;

namespace ClusterTools.Cmdlets;

/// <summary>Gets the resources of groups, in the order in which they start.</summary>
/// <remarks>
/// <para>A resource is named <c>type:name</c> within its group; the name without the type will do. Groups from the pipeline give their resources.</para>
/// </remarks>
/// <example><code>Get-ClusterResource</code>Lists the resources of all groups.</example>
/// <example><code>Get-ClusterGroup webshop | Get-ClusterResource</code>Gets the resources of one group.</example>
/// <example><code>Get-ClusterResource shop-* -Group webshop</code>Gets those whose names fit.</example>
[Cmdlet(VerbsCommon.Get, "ClusterResource", DefaultParameterSetName = ByName)]
[OutputType(typeof(ResourceStatus))]
public sealed class GetClusterResourceCommand : ClusterCmdlet
{
    private const string ByName = "Name";

    private const string ByObject = "InputObject";

    /// <summary>Names of resources, with or without their type; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    [Parameter(Position = 0, ParameterSetName = ByObject)]
    [Alias("Id", "Resource")]
    [ArgumentCompleter(typeof(ResourceCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Only resources of these groups; wildcards are allowed.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Group { get; set; }

    /// <summary>Groups, as Get-ClusterGroup gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public GroupStatus[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        List<ResourceStatus> all = [];
        foreach (GroupStatus group in ParameterSetName == ByObject ? InputObject : FindGroups(Group))
        {
            Attempt(group.Name, () => all.AddRange(Call((client, cancel) => client.GetResourcesAsync(group.Name, cancel))));
        }

        foreach (ResourceStatus resource in Select(all))
        {
            WriteClusterObject(resource);
        }
    }

    private IEnumerable<ResourceStatus> Select(List<ResourceStatus> all)
    {
        if (Name is null)
        {
            return all;
        }

        // A name may stand in several groups, and then means all of them.
        var chosen = new HashSet<ResourceStatus>();
        foreach (string name in Name)
        {
            var wildcard = WildcardPattern.Get(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
            ResourceStatus[] found = [.. all.Where(r => wildcard.IsMatch(r.Id) || wildcard.IsMatch(ShortName(r.Id)))];
            if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteProblem(ClusterErrors.NotFound("resource", name, all.SelectMany(r => new[] { r.Id, ShortName(r.Id) }).Distinct()), name);
            }

            chosen.UnionWith(found);
        }

        return all.Where(chosen.Contains);
    }

    private static string ShortName(string id) => id.Substring(id.IndexOf(':') + 1);
}
