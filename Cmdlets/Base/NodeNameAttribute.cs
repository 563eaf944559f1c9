using System.Collections;
using System.Linq;
using System.Management.Automation;
using ClusterTools.Contract;

namespace ClusterTools.Cmdlets;

/// <summary>A parameter that takes the name of a node takes the node itself too, as Get-ClusterNode gives it.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class NodeNameAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => inputData switch
    {
        PSObject { BaseObject: NodeStatus node } => node.Name,
        NodeStatus node => node.Name,
        PSObject { BaseObject: IList list } => Names(list) ?? inputData,
        IList list => Names(list) ?? inputData,
        _ => inputData,
    };

    private static object[]? Names(IList list)
    {
        object[] names = [.. list.Cast<object>().Select(item => (item is PSObject wrapped ? wrapped.BaseObject : item) is NodeStatus node ? node.Name : item)];
        return names.SequenceEqual(list.Cast<object>()) ? null : names;
    }
}
