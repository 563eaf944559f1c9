using System.Collections;
using System.Net;

namespace ClusterTools.Cmdlets;

/// <summary>Invites a machine into the cluster, and says what to run on it.</summary>
/// <remarks>
/// <para>The invitation is good for one machine and a short time. What it gives has a token and the one command that is to be run on the
/// machine, as root: it fetches all that the machine needs from the cluster, which it knows by the token and believes nobody else, installs
/// and starts corosync, starts the daemon, and waits until the node takes part with its votes. The cluster's own corosync takes the machine
/// in while it runs, on every node.</para>
/// <para>Who has the token can join in the machine's place until it is used or over. No ssh and no password is used; the key of the node's
/// certificate is known to this session and the machine alone.</para>
/// <para>A node joins without a vote, and gets its votes once it takes part, so that a machine that never comes costs nothing. All nodes
/// must be there meanwhile. The certificates are issued here, with the authority's key (ca.key.pem), which no node has.</para>
/// </remarks>
/// <example><code>Add-ClusterNode n4 -Address 10.0.0.4 -WhatIf</code>Says what it would do.</example>
/// <example><code>Add-ClusterNode n5 -Address 10.0.0.5, 10.1.0.5 -Votes 0 -ValidFor 3600 -WhatIf</code>The same for a machine on two
/// networks that has no vote, with an hour to join.</example>
[Cmdlet(VerbsCommon.Add, "ClusterNode", SupportsShouldProcess = true)]
[OutputType(typeof(ClusterNodeInvitation))]
public sealed class AddClusterNodeCommand : ClusterCmdlet
{
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(15);

    /// <summary>The node's name in the cluster.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidatePattern("^[A-Za-z0-9._-]{1,255}$")]
    public string Name { get; set; } = "";

    /// <summary>Its IP addresses, one for each network that links the machines, in the order of the others' addresses.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public IPAddress[] Address { get; set; } = [];

    /// <summary>Votes that it gets once it takes part, 0 to 255.</summary>
    [Parameter]
    [ValidateRange(0, 255)]
    public int Votes { get; set; } = 1;

    /// <summary>How long the token is good for, in seconds or as a TimeSpan; a minute to a day, 15 minutes when left out.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? ValidFor { get; set; }

    /// <summary>The folder with ca.pem and ca.key.pem; that of your own certificate when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AuthorityPath { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        string[] addresses = [.. Address.Select(a => a.ToString())];
        TimeSpan valid = ValidFor ?? Usual;
        string happens = $"A machine ({string.Join(", ", addresses)}) may join as node '{Name}' within {valid.TotalMinutes:0.#} min, once.";
        if (!ShouldProcess(happens, $"{happens} Go on?", "Add-ClusterNode"))
        {
            return;
        }

        string file = ContextFile.DefaultPath;
        ClientContexts contexts = ContextFile.Read(file, ApiJson.Wire);
        ClientContext own = ContextFile.Find(file, contexts, Cluster);
        string folder = AuthorityPath is null ? CertificateFiles.OwnFolder(own, file) : GetUnresolvedProviderPathFromPSPath(AuthorityPath);
        Hashtable issued = Issue(folder, addresses);
        NodeInvitation invitation = Call((client, cancel) => client.InviteAsync(
            Name,
            new NodeInvitationRequest
            {
                Addresses = addresses,
                Votes = Votes,
                ValidSeconds = (int)valid.TotalSeconds,
                Fingerprint = (string)issued["Fingerprint"]!,
                Certificate = (string)issued["Certificate"]!,
            },
            cancel));
        ContextFile.AddServer(own, addresses[0], new Uri(invitation.Server).Port);
        ContextFile.Write(file, contexts, ApiJson.Wire);
        WriteClusterObject(new ClusterNodeInvitation
        {
            Node = Name,
            Addresses = addresses,
            Votes = Votes,
            Expires = invitation.Expires,
            Token = new JoinToken
            {
                Server = invitation.Server,
                Node = Name,
                Addresses = string.Join(",", addresses),
                Authority = (byte[])issued["Authority"]!,
                Certificate = (byte[])issued["Join"]!,
                Key = (byte[])issued["JoinKey"]!,
                Password = (string)issued["Password"]!,
            }.ToString(),
        });
    });

    private Hashtable Issue(string folder, string[] addresses)
    {
        (string certificate, string key) = CertificateFiles.FindAuthority(folder);
        try
        {
            return (Hashtable)CertificateScript.Run(
                "New-NodeInvitation.ps1",
                ("Authority", certificate), ("AuthorityKey", key), ("Node", Name), ("Address", addresses));
        }
        catch (RuntimeException e)
        {
            throw CertificateScript.Fault(folder, e);
        }
    }
}

/// <summary>Takes nodes out of the cluster for good.</summary>
/// <remarks>
/// <para>A node that takes part leaves first: its groups move to other nodes by their rules, its daemon ends and switches corosync off, and
/// neither starts again when the machine boots. Then the node is taken out of the configuration, and corosync on the other nodes forgets
/// it. Its state folder is not needed any more.</para>
/// <para>A machine that is gone for good is taken out as well, once it is known to be down: by its fencing, or by
/// Confirm-ClusterNodeDown. Stop-ClusterNode is for a node that will be back.</para>
/// <para>Quorum is counted without the node from then on. Where two nodes are left, fencing decides which of them goes on
/// (two_node).</para>
/// </remarks>
/// <example><code>Remove-ClusterNode node3 -WhatIf</code>Says what would happen.</example>
/// <example><code>Get-ClusterNode -State Down | Remove-ClusterNode -WhatIf</code>The same of whatever is down.</example>
[Cmdlet(
    VerbsCommon.Remove, "ClusterNode", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByName)]
[OutputType(typeof(NodeStatus), typeof(Operation))]
public sealed class RemoveClusterNodeCommand : NodeChangeCmdlet
{
    /// <summary>For the journal and the history of the configuration.</summary>
    [Parameter]
    [ValidateLength(1, 1000)]
    public string? Reason { get; set; }

    /// <summary>Does not ask when it costs the quorum or leaves a group without a node.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives the nodes back as they were.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process(NodeStatus node)
    {
        Foresight? foresight = node.Member
            ? Foresee((client, cancel) => client.GetPlanAsync("leave", node.Name, null, cancel))
            : null;
        string happens = node.Member
            ? $"Node '{node.Name}' ({node.Phase}) leaves the cluster for good; "
                + $"{Groups(node, foresight, ("moves to another node", "move to other nodes"))}."
            : $"Node '{node.Name}' ({node.Phase}) is taken out of the cluster for good.";
        if (!Should(node.Name, happens, foresight, Force))
        {
            return;
        }

        if (node.Member)
        {
            if (!Ask(node, "Stopping", "leave", new NodeOperationRequest { Reason = Reason, ForGood = true }))
            {
                return;
            }

            AwaitAbsence(node.Name);
        }

        var removal = new ConfigurationEdit
        {
            Action = EditAction.Remove, Node = new NodeEdit { Name = node.Name },
        };
        var pair = new ConfigurationEdit { Quorum = new QuorumEdit { TwoNode = true, LastManStanding = false } };
        if (Edit(node, removal) && (!IsPair() || Edit(node, pair)) && PassThru)
        {
            WriteClusterObject(node);
        }
    }

    private bool Edit(NodeStatus node, ConfigurationEdit edit) => Change(
        node.Name, $"Removing node {node.Name}",
        (client, cancel) => client.EditConfigurationAsync([edit], null, Reason ?? $"node {node.Name} is taken out", cancel));

    private bool IsPair()
    {
        NodeStatus[] left = Call((client, cancel) => client.GetNodesAsync(cancel));
        return left.Length == 2 && left.All(n => n.Votes == 1);
    }
}
