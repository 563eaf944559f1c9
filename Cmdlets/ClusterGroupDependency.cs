namespace ClusterTools.Cmdlets;

/// <summary>Gets what groups need of each other, and whether that is so now.</summary>
/// <remarks>
/// <para>Require says whether a group runs only if the other does: None, Soft (it starts only when the other is started) or Hard (it is
/// stopped with the other, too). Colocation says whether they share a node: Any, Same (it follows the other) or Never (for both of them).
/// Met and Why say how it is now.</para>
/// <para>Get-ClusterGroup has the same under Dependencies, and under Dependents the names of the groups that need something of it.</para>
/// </remarks>
/// <example><code>Get-ClusterGroupDependency</code>Lists what all groups need of each other.</example>
/// <example><code>Get-ClusterGroup webshop | Get-ClusterGroupDependency</code>Shows what webshop needs.</example>
/// <example><code>Get-ClusterGroupDependency | Where-Object { -not $_.Met }</code>Shows what keeps groups from running, or from running
/// where they are.</example>
[Cmdlet(VerbsCommon.Get, "ClusterGroupDependency")]
[OutputType(typeof(GroupDependency))]
public sealed class GetClusterGroupDependencyCommand : ClusterCmdlet
{
    /// <summary>Names of groups that need something; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    [GroupName(Many = true)]
    public string[]? Group { get; set; }

    /// <summary>Only what is needed of these groups; wildcards are allowed.</summary>
    [Parameter(Position = 1)]
    [Alias("Provider")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? DependsOn { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        GroupDependency[] all = [.. FindGroups(Group).SelectMany(g => g.Dependencies)];
        Func<string, bool>? wanted = DependsOn is null ? null : ObjectNames.Filter(DependsOn, [.. all.Select(d => d.DependsOn).Distinct()]);
        WriteClusterObjects(all.Where(d => wanted?.Invoke(d.DependsOn) != false));
    }
}

/// <summary>Base of the cmdlets that change and remove what groups need of each other: which.</summary>
public abstract class ClusterGroupDependencyChangeCmdlet : ClusterConfigurationCmdlet
{
    /// <summary>The group that needs something; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string Group { get; set; } = "";

    /// <summary>The groups that it needs; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Provider")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(DependencyCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] DependsOn { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Group, () =>
    {
        foreach (GroupDependency dependency in FindGroups([Group]).SelectMany(
            g => Select(Noun.DependencyOf(g.Name).What, g.Dependencies, d => d.DependsOn, DependsOn)))
        {
            Process(dependency, new DependencyEdit { Group = dependency.Group, On = dependency.DependsOn });
        }
    });

    /// <summary>Does it to one.</summary>
    /// <param name="dependency">As it is now.</param>
    /// <param name="edit">Names it.</param>
    private protected abstract void Process(GroupDependency dependency, DependencyEdit edit);
}

/// <summary>Makes a group need something of another one: that it runs, where it runs, or both.</summary>
/// <remarks>
/// <para>Require Hard: the group starts only when the other is started, and is stopped before the other stops, or when the other has
/// failed. Soft: it starts only when the other is started, and goes on when that stops. Colocation Same: it runs where the other runs, and
/// follows it. Never: the two never share a node.</para>
/// <para>A group that runs against what it needs from now on is moved or stopped; the command waits until that is done. Groups that need
/// each other in a circle are refused.</para>
/// </remarks>
/// <example><code>Add-ClusterGroupDependency reports webshop -Require Soft</code>From now on reports starts only when webshop is
/// started.</example>
/// <example><code>Add-ClusterGroupDependency reports webshop -Require Hard -Colocation Same -WhatIf</code>Shows what it would mean that
/// reports runs only with webshop, on the same node.</example>
/// <example><code>Add-ClusterGroupDependency -Group batch -DependsOn webshop -Colocation Never</code>Keeps two groups on different
/// nodes.</example>
[Cmdlet(VerbsCommon.Add, "ClusterGroupDependency", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GroupDependency), typeof(Operation))]
public sealed class AddClusterGroupDependencyCommand : ClusterConfigurationCmdlet
{
    /// <summary>The group that needs something.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string Group { get; set; } = "";

    /// <summary>The group that it needs.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Provider")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string DependsOn { get; set; } = "";

    /// <summary>Whether it runs only if the other does: None, Soft or Hard. Default: Hard, or None where -Colocation is given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(IsWord = true)]
    public DependencyMode? Require { get; set; }

    /// <summary>Whether they share a node: Any, Same or Never. Default: Any.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(IsWord = true)]
    public Colocation? Colocation { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Group, () =>
    {
        var dependency = new DependencyEdit
        {
            Group = Group,
            On = DependsOn,
            Require = Arguments.Require(Require, Colocation),
            Colocation = Colocation,
        };
        EditAndWrite(
            Group,
            $"Making group {Group} depend on {DependsOn}",
            new ConfigurationEdit { Action = EditAction.Add, Dependency = dependency },
            outcome =>
            {
                (string group, string other) = outcome.AddedPart;
                WriteNow(Noun.DependencyOf(group), other);
            });
    });
}

/// <summary>Changes what groups need of each other.</summary>
/// <remarks>
/// <para>Only what is given changes. A group that runs against what it needs from now on is moved or stopped; the command waits until that
/// is done.</para>
/// </remarks>
/// <example><code>Add-ClusterGroupDependency reports webshop -Require Soft
/// Set-ClusterGroupDependency reports webshop -Require Hard</code>Makes a dependency that waits for the other group's start into one that
/// stops with it.</example>
/// <example><code>Get-ClusterGroupDependency -DependsOn webshop | Set-ClusterGroupDependency -Colocation Same -WhatIf</code>Shows what
/// would move if all groups that need webshop were to run on its node.</example>
[Cmdlet(VerbsCommon.Set, "ClusterGroupDependency", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GroupDependency), typeof(Operation))]
public sealed class SetClusterGroupDependencyCommand : ClusterGroupDependencyChangeCmdlet
{
    /// <summary>Whether it runs only if the other does: None, Soft or Hard.</summary>
    [Parameter]
    public DependencyMode? Require { get; set; }

    /// <summary>Whether they share a node: Any, Same or Never.</summary>
    [Parameter]
    public Colocation? Colocation { get; set; }

    /// <inheritdoc/>
    private protected override void Process(GroupDependency dependency, DependencyEdit edit)
    {
        edit.Require = Require;
        edit.Colocation = Colocation;
        EditAndWrite(
            edit.Group, $"Changing what group {edit.Group} needs of {edit.On}", new ConfigurationEdit { Dependency = edit },
            () => WriteNow(Noun.DependencyOf(edit.Group), edit.On));
    }
}

/// <summary>Removes what groups need of each other.</summary>
/// <remarks>
/// <para>Nothing is stopped by it. A group that waited for the other one starts, unless something else keeps it; the command waits for
/// that.</para>
/// </remarks>
/// <example><code>Add-ClusterGroupDependency reports webshop; Remove-ClusterGroupDependency reports webshop</code>Makes a group need
/// another one, and takes that back.</example>
/// <example><code>Get-ClusterGroupDependency | Where-Object { -not $_.Met } | Remove-ClusterGroupDependency -WhatIf</code>Shows what would
/// go if nothing kept a group from running.</example>
[Cmdlet(VerbsCommon.Remove, "ClusterGroupDependency", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(GroupDependency), typeof(Operation))]
public sealed class RemoveClusterGroupDependencyCommand : ClusterGroupDependencyChangeCmdlet
{
    /// <summary>Give the dependency back as it was.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    private protected override void Process(GroupDependency dependency, DependencyEdit edit) => Remove(
        edit.Group, $"Removing what group {edit.Group} needs of {edit.On}", new ConfigurationEdit { Dependency = edit },
        PassThru ? dependency : null);
}
