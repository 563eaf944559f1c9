using System.Collections;
using System.Globalization;

namespace ClusterTools.Cmdlets;

/// <summary>Gets failover domains: where groups may and should run.</summary>
/// <remarks>
/// <para>An ordered domain prefers its members by priority, 1 first. A restricted one lets its groups run on members only. With NoFailback
/// a group stays where it is when a better member returns.</para>
/// <para>Groups and services from the pipeline give the domain that they use, nodes the domains that they are members of.</para>
/// </remarks>
/// <example><code>Get-ClusterFailoverDomain</code>Lists all failover domains with their members and the groups that use them.</example>
/// <example><code>Get-ClusterGroup webshop | Get-ClusterFailoverDomain</code>Shows where the group webshop may and should run.</example>
[Cmdlet(VerbsCommon.Get, "ClusterFailoverDomain", DefaultParameterSetName = ByName)]
[OutputType(typeof(FailoverDomain))]
public sealed class GetClusterFailoverDomainCommand : ClusterCmdlet
{
    private const string ByName = "Name";
    private const string ByGroup = "Group";
    private const string ByService = "Service";
    private const string ByNode = "Node";

    /// <summary>Names of failover domains; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Alias("FailoverDomain", "Domain")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(FailoverDomainCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(FailoverDomain), nameof(FailoverDomain.Name), "FailoverDomain", "Domain", Many = true)]
    public string[]? Name { get; set; }

    /// <summary>A group, as Get-ClusterGroup gives it: the domain that it uses.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByGroup)]
    [Revived(typeof(GroupStatus))]
    public GroupStatus? GroupObject { get; set; }

    /// <summary>A service, as Get-ClusterService gives it: the domain that it uses.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByService)]
    [Revived(typeof(ServiceConfiguration))]
    public ServiceConfiguration? ServiceObject { get; set; }

    /// <summary>A node, as Get-ClusterNode gives it: the domains that it is a member of.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByNode)]
    [Revived(typeof(NodeStatus))]
    public NodeStatus? NodeObject { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        IEnumerable<FailoverDomain> chosen = Select(Noun.FailoverDomain, Name);
        WriteClusterObjects(ParameterSetName switch
        {
            ByGroup => chosen.Where(d => d.Name == GroupObject!.Domain),
            ByService => chosen.Where(d => d.Name == ServiceObject!.Domain),
            ByNode => chosen.Where(d => d.Members.Any(m => m.Node == NodeObject!.Name)),
            _ => chosen,
        });
    });
}

/// <summary>Base of the cmdlets that change and remove failover domains: which.</summary>
public abstract class ClusterFailoverDomainChangeCmdlet : ClusterConfigurationCmdlet
{
    /// <summary>Names of failover domains; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(FailoverDomainCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(FailoverDomain), nameof(FailoverDomain.Name), Many = true)]
    public string[] Name { get; set; } = [];
}

/// <summary>Members of failover domains, as people write them.</summary>
internal static class DomainMembers
{
    /// <summary>Members from what is given: names, hashtables of names and priorities, or members of another domain.</summary>
    public static IReadOnlyList<FailoverDomainMember>? Read(object[]? given, bool ordered)
    {
        if (given is null)
        {
            return null;
        }

        var members = new List<FailoverDomainMember>();
        foreach (object item in given)
        {
            switch (item is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : item)
            {
                case IDictionary priorities:
                    foreach (DictionaryEntry entry in priorities)
                    {
                        Add(Arguments.Text(entry.Key) ?? "", Priority(entry.Value));
                    }

                    break;
                case FailoverDomainMember member:
                    Add(member.Node, member.Priority);
                    break;
                case NodeStatus node:
                    Add(node.Name, ordered ? members.Count + 1 : 0);
                    break;
                case var other:
                    // A list of names in one cell of a CSV file.
                    foreach (string name in (Arguments.Text(other) ?? "").Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries))
                    {
                        string[] parts = name.Split('=');
                        Add(parts[0], parts.Length > 1 ? Priority(parts[1]) : ordered ? members.Count + 1 : 0);
                    }

                    break;
            }
        }

        return members;

        void Add(string node, int priority) => members.Add(new FailoverDomainMember { Node = node, Priority = priority });
    }

    private static int Priority(object? value) =>
        int.TryParse(Arguments.Text(value), NumberStyles.Integer, CultureInfo.InvariantCulture, out int priority)
            ? priority
            : throw EditErrors.Invalid($"'{value}' is no priority.", "Give 1 (best) to 100, or 0 for a member without one.");
}

/// <summary>Adds a failover domain.</summary>
/// <remarks>
/// <para>Members are given in the order of preference, or as a hashtable of names and priorities (1 is best, equal ones are equally good).
/// A domain changes nothing by itself: New-ClusterService and Set-ClusterService say which services use it.</para>
/// </remarks>
/// <example><code>New-ClusterFailoverDomain evening -Member node3, node1 -Ordered -NoFailback</code>Adds a domain that prefers node3, then
/// node1, and lets groups stay where they are.</example>
/// <example><code>New-ClusterFailoverDomain pair -Member @{ node1 = 1; node2 = 1 } -Ordered -Restricted -WhatIf</code>Shows what adding a
/// domain of two equally good nodes would do.</example>
[Cmdlet(VerbsCommon.New, "ClusterFailoverDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FailoverDomain), typeof(Operation))]
public sealed class NewClusterFailoverDomainCommand : ClusterConfigurationCmdlet
{
    /// <summary>The domain's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Nodes in the order of preference; or a hashtable of nodes and priorities; or members of another domain.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Members", "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    public object[]? Member { get; set; }

    /// <summary>Members are preferred by priority.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [YesNo]
    public SwitchParameter Ordered { get; set; }

    /// <summary>Groups run on members only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [YesNo]
    public SwitchParameter Restricted { get; set; }

    /// <summary>Groups do not move back when a better member returns.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [YesNo]
    public SwitchParameter NoFailback { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Add(Noun.FailoverDomain, Name, () => new ConfigurationEdit
    {
        FailoverDomain = new FailoverDomainEdit
        {
            Name = Name,
            Members = DomainMembers.Read(Member, Ordered) ?? [],
            Ordered = Ordered.IsPresent,
            Restricted = Restricted.IsPresent,
            NoFailback = NoFailback.IsPresent,
        },
    });
}

/// <summary>Changes failover domains.</summary>
/// <remarks>
/// <para>Only what is given changes; -Member replaces all members. Groups that use the domain may move: the command waits until they
/// have.</para>
/// </remarks>
/// <example><code>Set-ClusterFailoverDomain anywhere-but-stay -Member node2, node3</code>Sets the members of a domain, best
/// first.</example>
/// <example><code>Set-ClusterFailoverDomain shop -NoFailback -WhatIf</code>Shows what would change if groups of the domain stayed where
/// they are when a better node returns.</example>
/// <example><code>Set-ClusterFailoverDomain shop -NoFailback:$false</code>Lets the groups of a domain go back to a better node when it
/// returns.</example>
[Cmdlet(VerbsCommon.Set, "ClusterFailoverDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FailoverDomain), typeof(Operation))]
public sealed class SetClusterFailoverDomainCommand : ClusterFailoverDomainChangeCmdlet
{
    /// <summary>
    /// All members: nodes in the order of preference; or a hashtable of nodes and priorities; or members of another domain.
    /// </summary>
    [Parameter(Position = 1)]
    [Alias("Members", "Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNull]
    public object[]? Member { get; set; }

    /// <summary>Members are preferred by priority.</summary>
    [Parameter]
    public SwitchParameter Ordered { get; set; }

    /// <summary>Groups run on members only.</summary>
    [Parameter]
    public SwitchParameter Restricted { get; set; }

    /// <summary>Groups do not move back when a better member returns.</summary>
    [Parameter]
    public SwitchParameter NoFailback { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Set(Noun.FailoverDomain, Name, domain => new ConfigurationEdit
    {
        FailoverDomain = new FailoverDomainEdit
        {
            Name = domain.Name,
            Members = DomainMembers.Read(Member, Given(nameof(Ordered), Ordered) ?? domain.Ordered),
            Ordered = Given(nameof(Ordered), Ordered),
            Restricted = Given(nameof(Restricted), Restricted),
            NoFailback = Given(nameof(NoFailback), NoFailback),
        },
    });
}

/// <summary>Removes failover domains.</summary>
/// <remarks>
/// <para>A domain that groups use is not removed, unless with -Force: then those groups may run on any node.</para>
/// </remarks>
/// <example><code>New-ClusterFailoverDomain spare -Member node3; Remove-ClusterFailoverDomain spare</code>Adds a failover domain and
/// removes it again.</example>
/// <example><code>Get-ClusterFailoverDomain | Where-Object { -not $_.Groups } | Remove-ClusterFailoverDomain -WhatIf</code>Shows which
/// domains nobody uses.</example>
[Cmdlet(VerbsCommon.Remove, "ClusterFailoverDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FailoverDomain), typeof(Operation))]
public sealed class RemoveClusterFailoverDomainCommand : ClusterFailoverDomainChangeCmdlet
{
    /// <summary>Also a domain that groups use: they are left without one, and may run on any node.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Give the domain back as it was.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Remove(
        Noun.FailoverDomain, Name, PassThru,
        domain => new ConfigurationEdit { FailoverDomain = new FailoverDomainEdit { Name = domain.Name, Release = Force } });
}
