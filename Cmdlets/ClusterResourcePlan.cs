namespace ClusterTools.Cmdlets;

/// <summary>What is planned with a group's resources.</summary>
public enum ResourcePlanOperation
{
    /// <summary>The group starts.</summary>
    Start,

    /// <summary>The group stops.</summary>
    Stop,
}

/// <summary>
/// Gets the order in which resources start or stop, or what a changed configuration would stop and start, without touching anything.
/// </summary>
/// <remarks>
/// <para>
/// Parents start before their children, siblings by their levels, then in the order of the configuration; they stop the other way round.
/// The group's own step has no resource.
/// </para>
/// <para>
/// With -Path a file is compared with the configuration in force: every stop comes before every start, and what is the same in the same
/// place goes on running. Compare-ClusterConfiguration says what differs, this says what it costs. 'clusterd plan start', 'stop' and
/// 'delta' answer the same of files alone.
/// </para>
/// </remarks>
/// <example><code>Get-ClusterResourcePlan webshop</code>Shows in which order the group's resources start.</example>
/// <example><code>Get-ClusterGroup webshop | Get-ClusterResourcePlan -Operation Stop</code>Shows in which order they stop.</example>
/// <example><code>Export-ClusterConfiguration ./next.json -Force; Get-ClusterResourcePlan -Path ./next.json; Remove-Item ./next.json</code>Shows what a file would stop and start
/// if it were imported: here nothing, for nothing was changed in it.</example>
[Cmdlet(VerbsCommon.Get, "ClusterResourcePlan", DefaultParameterSetName = ByGroup)]
[OutputType(typeof(PlanStep))]
public sealed class GetClusterResourcePlanCommand : ClusterCmdlet
{
    private const string ByGroup = "Group";

    private const string ByObject = "InputObject";

    private const string ByPath = "Path";

    /// <summary>Names of groups; wildcards are allowed. With -Path only their steps.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByGroup)]
    [Parameter(ParameterSetName = ByPath)]
    [Alias("Name")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Group { get; set; }

    /// <summary>A group, as Get-ClusterGroup gives it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [Revived(typeof(GroupStatus))]
    public GroupStatus? InputObject { get; set; }

    /// <summary>Whether the group starts (when left out) or stops.</summary>
    [Parameter(ParameterSetName = ByGroup)]
    [Parameter(ParameterSetName = ByObject)]
    public ResourcePlanOperation Operation { get; set; }

    /// <summary>A cluster.conf, or a configuration in JSON: what would be stopped and started if it were imported.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByPath)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByPath)
        {
            Attempt(Path, Change);
            return;
        }

        foreach (string name in ParameterSetName == ByObject ? [InputObject!.Name] : FindGroups(Group).Select(g => g.Name))
        {
            Attempt(name, () => WriteClusterObjects(
                Call((client, cancel) => client.GetResourcePlanAsync(name, Operation == ResourcePlanOperation.Stop, cancel))));
        }
    }

    private void Change()
    {
        byte[] content = ConfigurationFiles.Read(GetUnresolvedProviderPathFromPSPath(Path));
        ConfigurationCheck check = Call((client, cancel) => client.CheckImportAsync(content, cancel, force: true));
        Func<string, bool>? chosen = Group is null
            ? null
            : ObjectNames.Filter(Group, [.. check.Steps.Select(s => s.Group ?? "").Distinct()]);
        WriteClusterObjects(check.Steps.Where(s => chosen?.Invoke(s.Group ?? "") != false));
    }
}
