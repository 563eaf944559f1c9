namespace ClusterTools.Cmdlets;

/// <summary>Gets resource agents: what can do a resource's work, and which parameters it takes.</summary>
/// <remarks>
/// <para>The agents of the node that answers are listed: those of the OCF resource agent API and init scripts; with a name that begins with
/// systemd:, units of systemd. An agent asked for by its very name says all of itself: description, parameters with their defaults, and the
/// limits that it proposes. For a list -Detailed does the same, and asks every agent that has not been asked before, which takes a moment.
/// A short name, such as IPaddr2, means the OCF agent of that name.</para>
/// <para>Resources from the pipeline give their agents.</para>
/// </remarks>
/// <example><code>Get-ClusterResourceType ocf:heartbeat:*</code>Lists the agents of one provider.</example>
/// <example><code>Get-ClusterResourceType ocf:heartbeat:IPaddr2 | Select-Object -ExpandProperty Parameters</code>Shows which parameters an
/// agent takes.</example>
/// <example><code>Get-ClusterResource -Group reports | Get-ClusterResourceType</code>Says what the agents of a group's resources can
/// do.</example>
[Cmdlet(VerbsCommon.Get, "ClusterResourceType")]
[OutputType(typeof(ResourceType))]
public sealed class GetClusterResourceTypeCommand : ClusterCmdlet
{
    /// <summary>
    /// Names of agents, such as ocf:heartbeat:IPaddr2 or systemd:nginx.service; wildcards are allowed. All but systemd's when left out.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Agent")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ResourceAgentCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(ResourceType), nameof(ResourceType.Name), "Agent", Many = true)]
    public string[]? Name { get; set; }

    /// <summary>All that each agent says of itself, for a list too.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name ?? ["*"])
        {
            Attempt(name, () =>
            {
                if (!ObjectNames.IsWildcard(name))
                {
                    WriteInFull(FullAgentName(name));
                    return;
                }

                string pattern = name.StartsWith("systemd:", StringComparison.OrdinalIgnoreCase) ? "systemd:*" : "*";
                WildcardPattern wildcard = ObjectNames.Wildcard(name);
                foreach (ResourceType type in Call((client, cancel) => client.GetResourceTypesAsync(pattern, cancel))
                    .Where(t => wildcard.IsMatch(t.Name)))
                {
                    Attempt(type.Name, () =>
                    {
                        if (Detailed)
                        {
                            WriteInFull(type.Name);
                        }
                        else
                        {
                            WriteClusterObject(type);
                        }
                    });
                }
            });
        }
    }

    // Alone it is shown with its parameters; a type name of its own chooses that view.
    private void WriteInFull(string name)
    {
        var type = PSObject.AsPSObject(Call((client, cancel) => client.GetResourceTypeAsync(name, cancel)));
        type.TypeNames.Insert(0, $"{typeof(ResourceType).FullName}#InFull");
        WriteClusterObject(type);
    }
}
