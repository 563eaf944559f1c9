using System.Collections;

namespace ClusterTools.Cmdlets;

/// <summary>Gets fence devices: what can cut nodes off.</summary>
/// <remarks>
/// <para>Shows each device with its agent, its parameters (secrets as (secret)) and the nodes that it cuts off. Nodes from the pipeline
/// give the devices that cut them off.</para>
/// </remarks>
/// <example><code>Get-ClusterFenceDevice</code>Lists all fence devices and their nodes.</example>
/// <example><code>Get-ClusterNode node1 | Get-ClusterFenceDevice</code>Shows what can cut off node1.</example>
[Cmdlet(VerbsCommon.Get, "ClusterFenceDevice", DefaultParameterSetName = ByName)]
[OutputType(typeof(FenceDevice))]
public sealed class GetClusterFenceDeviceCommand : ClusterCmdlet
{
    private const string ByName = "Name";
    private const string ByNode = "Node";

    /// <summary>Names of fence devices; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Alias("Device")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(FenceDeviceCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(FenceDevice), nameof(FenceDevice.Name), "Device", Many = true)]
    public string[]? Name { get; set; }

    /// <summary>A node, as Get-ClusterNode gives it: the devices that cut it off.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByNode)]
    [Revived(typeof(NodeStatus))]
    public NodeStatus? InputObject { get; set; }

    /// <summary>Only devices that cut off one of these nodes; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = ByName)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Node { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        FenceDevice[] all = Call(Noun.FenceDevice.AllAsync);
        Func<string, bool>? cutsOff = InputObject is { } node ? n => n == node.Name
            : Node is null ? null
            : ObjectNames.Filter(Node, [.. all.SelectMany(d => d.Nodes).Distinct()]);
        WriteClusterObjects(
            Select("fence device", all, d => d.Name, Name).Where(d => cutsOff is null || d.Nodes.Any(cutsOff)));
    });
}

/// <summary>Parameters that New- and Set-ClusterFenceDevice have in common.</summary>
public abstract class ClusterFenceDeviceSettingsCmdlet : ClusterConfigurationCmdlet
{
    /// <summary>
    /// Goes on with a warning when no node that is asked has all the agents, or an agent would not take its parameters by what it says of
    /// itself.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    private protected override bool GoesOn => Force;

    /// <summary>
    /// The agent's parameters as a hashtable of names and values; a null value takes one out. Secrets may be given as SecureString; they go
    /// in and never come out.
    /// </summary>
    [Parameter]
    [Alias("Parameters")]
    [ArgumentCompleter(typeof(FenceParameterCompleter))]
    [ValidateNotNull]
    public IDictionary? Parameter { get; set; }

    /// <summary>Nodes that the device cuts off.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Node { get; set; }

    /// <summary>
    /// Parameters of the call for each node, such as @{ port = 1 }; or a hashtable of nodes, each with its own: @{ node1 = @{ port = 1 };
    /// node2 = @{ port = 2 } }.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? NodeParameter { get; set; }

    /// <summary>
    /// Name of the fence method of the nodes that uses the device; the device's name when left out. All devices of a method are used
    /// together.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Method { get; set; }

    /// <summary>What is asked of the device: Reboot (off, then on), Off or On.</summary>
    [Parameter]
    [ValidateSet("Reboot", "Off", "On")]
    public string? Action { get; set; }

    /// <summary>The method is tried before the nodes' other methods.</summary>
    [Parameter]
    public SwitchParameter First { get; set; }

    /// <summary>How the nodes use the device, as the parameters say.</summary>
    private protected IReadOnlyList<FenceAssignment> Assignments()
    {
        bool each = NodeParameter is not null && NodeParameter.Count > 0
            && NodeParameter.Values.Cast<object?>().All(v => (v is PSObject wrapped ? wrapped.BaseObject : v) is IDictionary);
        string[] nodes = Node ?? (each ? [.. NodeParameter!.Keys.Cast<object>().Select(k => Arguments.Text(k) ?? "")] : []);
        if (nodes.Length == 0 && (NodeParameter is not null || Method is not null || Action is not null))
        {
            throw EditErrors.Invalid("It is not said for which nodes.", "Name them with -Node.");
        }

        return
        [
            .. nodes.Select(node => new FenceAssignment
            {
                Node = node,
                Method = Method,
                Action = Action?.ToLowerInvariant(),
                First = First,
                Parameters = Arguments.Parameters(each ? Own(node) : NodeParameter),
            }),
        ];
    }

    private IDictionary? Own(string node)
    {
        object? own = NodeParameter!.Keys.Cast<object>()
            .Where(k => string.Equals(Arguments.Text(k), node, StringComparison.OrdinalIgnoreCase)).Select(k => NodeParameter[k])
                .FirstOrDefault();
        return (own is PSObject wrapped ? wrapped.BaseObject : own) as IDictionary;
    }
}

/// <summary>Adds a fence device, and a fence method that uses it to the nodes that it cuts off.</summary>
/// <remarks>
/// <para>A device is a power switch, a BMC, a storage switch or a hypervisor, reached by an agent; Get-ClusterFenceAgent lists agents and
/// their parameters. Nodes try their methods in turn. All devices of one method are used together: a node with two power supplies has one
/// method with two devices.</para>
/// <para>Test-ClusterFenceDevice shows whether it answers. Passwords go in and never come out; give them as SecureString.</para>
/// </remarks>
/// <example><code>New-ClusterFenceDevice bmc-node1 -Agent fence_ipmilan -Parameter @{ ip = '192.0.2.31'; username = 'admin'; password = ConvertTo-SecureString 'not-a-real-one' -AsPlainText -Force; lanplus = 1 } -Node node1</code>Adds a BMC as the
/// last resort for node1.</example>
/// <example><code>New-ClusterFenceDevice pdu-c -Agent fence_apc -Parameter @{ ip = '192.0.2.23'; username = 'apc' } -NodeParameter @{ node1 = @{ port = 1 }; node2 = @{ port = 2 } } -WhatIf</code>Shows what adding a power switch with an outlet for each
/// of two nodes would do.</example>
[Cmdlet(VerbsCommon.New, "ClusterFenceDevice", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FenceDevice), typeof(Operation))]
public sealed class NewClusterFenceDeviceCommand : ClusterFenceDeviceSettingsCmdlet
{
    /// <summary>The device's name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>The agent, such as fence_ipmilan.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(FenceAgentCompleter))]
    [ValidateNotNullOrEmpty]
    public string Agent { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord() => Add(Noun.FenceDevice, Name, () => new ConfigurationEdit
    {
        FenceDevice = new FenceDeviceEdit
        {
            Name = Name,
            Agent = Agent,
            Parameters = Arguments.Parameters(Parameter),
            Assignments = Assignments(),
        },
    });
}

/// <summary>Changes fence devices, and which nodes they cut off.</summary>
/// <remarks>
/// <para>Only what is given changes. -Node adds nodes, or changes how a node uses the device; -RemoveNode takes the device out of the
/// methods of a node.</para>
/// </remarks>
/// <example><code>Set-ClusterFenceDevice bmc-node3 -Node node3 -First</code>Makes the method with this device the first that is tried for
/// node3.</example>
/// <example><code>Set-ClusterFenceDevice pdu-a -Parameter @{ password = ConvertTo-SecureString 'another' -AsPlainText -Force } -Force -WhatIf</code>Shows that a new password would be set, without showing it.</example>
[Cmdlet(VerbsCommon.Set, "ClusterFenceDevice", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(FenceDevice), typeof(Operation))]
public sealed class SetClusterFenceDeviceCommand : ClusterFenceDeviceSettingsCmdlet
{
    /// <summary>Names of fence devices; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(FenceDeviceCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(FenceDevice), nameof(FenceDevice.Name), "Device", Many = true)]
    public string[] Name { get; set; } = [];

    /// <summary>The agent, such as fence_ipmilan.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FenceAgentCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Agent { get; set; }

    /// <summary>Nodes that the device is no longer used for.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? RemoveNode { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Set(Noun.FenceDevice, Name, device => new ConfigurationEdit
    {
        FenceDevice = new FenceDeviceEdit
        {
            Name = device.Name,
            Agent = Agent,
            Parameters = Arguments.Parameters(Parameter),
            Assignments = Assignments(),
            Released = RemoveNode ?? [],
        },
    });
}

/// <summary>Removes fence devices.</summary>
/// <remarks>
/// <para>A device that nodes use is not removed, unless with -Force: then it is taken out of their fence methods, and a method without
/// devices goes. Look at what is left: a node with two power supplies is not cut off by one of two devices.</para>
/// </remarks>
/// <example><code>New-ClusterFenceDevice old -Agent fence_apc; Remove-ClusterFenceDevice old -Confirm:$false</code>Adds a fence device and
/// removes it again.</example>
/// <example><code>Get-ClusterFenceDevice pdu-* | Remove-ClusterFenceDevice -Force -WhatIf</code>Shows which fence methods of which nodes
/// would change.</example>
[Cmdlet(VerbsCommon.Remove, "ClusterFenceDevice", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(FenceDevice), typeof(Operation))]
public sealed class RemoveClusterFenceDeviceCommand : ClusterConfigurationCmdlet
{
    /// <summary>Names of fence devices; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(FenceDeviceCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(FenceDevice), nameof(FenceDevice.Name), "Device", Many = true)]
    public string[] Name { get; set; } = [];

    /// <summary>Also a device that nodes use: it is taken out of their fence methods.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Give the device back as it was.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Remove(
        Noun.FenceDevice, Name, PassThru,
        device => new ConfigurationEdit { FenceDevice = new FenceDeviceEdit { Name = device.Name, Release = Force } });
}

/// <summary>Asks fence devices for their status: do they answer, and are their nodes switched on?</summary>
/// <remarks>
/// <para>Each device is asked for each node that it cuts off, from the node that answers this request. Nothing is switched. A device that
/// does not answer is no error of this command: its object says so, and why.</para>
/// </remarks>
/// <example><code>Test-ClusterFenceDevice</code>Asks all devices of all nodes.</example>
/// <example><code>Test-ClusterFenceDevice pdu-* -Node node1 | Where-Object { -not $_.Answers }</code>Gives the devices that do not answer
/// for node1.</example>
/// <example><code>Test-ClusterFenceDevice -Quiet</code>Says whether all of them answer.</example>
[Cmdlet(VerbsDiagnostic.Test, "ClusterFenceDevice")]
[OutputType(typeof(FenceDeviceTest), typeof(bool))]
public sealed class TestClusterFenceDeviceCommand : ClusterCmdlet
{
    private readonly List<bool> answers = [];

    /// <summary>Names of fence devices; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Device")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(FenceDeviceCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(FenceDevice), nameof(FenceDevice.Name), "Device", Many = true)]
    public string[]? Name { get; set; }

    /// <summary>Only for these nodes; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Node { get; set; }

    /// <summary>Say no more than whether all of them answer.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        string?[] devices = Name is null ? [null] : [.. Select(Noun.FenceDevice, Name).Select(d => d.Name)];
        string?[] nodes = Node is null ? [null] : [.. Select(Noun.Node, Node).Select(n => n.Name)];
        foreach (string? device in devices)
        {
            foreach (string? node in nodes)
            {
                Attempt(device ?? node, () =>
                {
                    foreach (FenceDeviceTest test in Call((client, cancel) => client.TestFenceDevicesAsync(node, device, cancel)))
                    {
                        answers.Add(test.Answers);
                        if (!Quiet)
                        {
                            WriteClusterObject(test);
                        }
                    }
                });
            }
        }
    });

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Quiet)
        {
            WriteObject(answers.Count > 0 && answers.All(a => a));
        }
    }
}
