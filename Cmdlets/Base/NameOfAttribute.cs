using System.Collections;

namespace ClusterTools.Cmdlets;

/// <summary>
/// A parameter that takes the name of a thing takes the thing itself too: as a command gives it, as it comes back from a job, a file or
/// another session, and as a row that names it. Such a name means that thing and is no wildcard, whatever characters it has.
/// </summary>
/// <param name="kind">The things' type.</param>
/// <param name="property">The member that is their name.</param>
/// <param name="others">Members by which other things name one, such as <c>Group</c>; rows may use them too.</param>
[AttributeUsage(AttributeTargets.Property)]
public class NameOfAttribute(Type kind, string property, params string[] others) : ArgumentTransformationAttribute
{
    // On an object of another type this is that object's own name.
    private const string NameItself = "Name";

    /// <summary>The things' type.</summary>
    public Type Kind => kind;

    /// <summary>The member that is their name.</summary>
    public string Property => property;

    /// <summary>Members by which other things name one.</summary>
    public IReadOnlyList<string> Others => others;

    /// <summary>The parameter takes several: what the pipeline brings is then bound without a detour over text.</summary>
    public bool Many { get; set; }

    /// <summary>Other things that are called the same: a service is a group.</summary>
    public Type? Also { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (NameOf(inputData) is { } single)
        {
            return Many ? new[] { single } : single;
        }

        if ((inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is not IList list)
        {
            return inputData;
        }

        object?[] names = [.. list.Cast<object?>().Select(item => NameOf(item) ?? item)];
        return names.SequenceEqual(list.Cast<object?>()) ? inputData : names.All(n => n is string) ? names.Cast<string>().ToArray() : names;
    }

    /// <summary>What a thing, or a row, is called; null: it is neither.</summary>
    internal string? NameOf(object? item)
    {
        if (item is null or string or PSObject { BaseObject: string or IList or ValueType })
        {
            return null;
        }

        var thing = PSObject.AsPSObject(item);
        bool known = PipedObject.Is(thing, kind) || (Also is { } also && PipedObject.Is(thing, also));
        IEnumerable<string> members = known ? [property]
            : PipedObject.IsRow(thing) ? others.Prepend(property)
            : PipedObject.IsOurs(thing) ? others.Where(o => o != NameItself)
            : [];
        string? name = members.Select(m => PipedObject.Member(thing, m)).FirstOrDefault(n => n is { Length: > 0 });
        return name is null ? null : ObjectNames.Remember(name, anyCase: !known);
    }
}

/// <summary>Names of nodes, or the nodes.</summary>
public sealed class NodeNameAttribute : NameOfAttribute
{
    /// <inheritdoc cref="NameOfAttribute"/>
    public NodeNameAttribute()
        : base(typeof(NodeStatus), nameof(NodeStatus.Name), "Node") => Also = typeof(ClusterLabNode);
}

/// <summary>Names of groups, or the groups.</summary>
public sealed class GroupNameAttribute : NameOfAttribute
{
    /// <inheritdoc cref="NameOfAttribute"/>
    public GroupNameAttribute()
        : base(typeof(GroupStatus), nameof(GroupStatus.Name), "Group") => Also = typeof(ServiceConfiguration);
}

/// <summary>Names of guests, or the guests.</summary>
public sealed class GuestNameAttribute : NameOfAttribute
{
    /// <inheritdoc cref="NameOfAttribute"/>
    public GuestNameAttribute()
        : base(typeof(GuestStatus), nameof(GuestStatus.Name), "Guest") => Also = typeof(GroupStatus);
}

/// <summary>A parameter that takes things takes those that come back from a job, a file or another session too.</summary>
/// <param name="kind">The things' type.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RevivedAttribute(Type kind) : ArgumentTransformationAttribute
{
    /// <summary>The things' type.</summary>
    public Type Kind => kind;

    /// <summary>The parameter takes several.</summary>
    public bool Many { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (inputData is not PSObject { BaseObject: PSCustomObject } thing || !PipedObject.Is(thing, kind))
        {
            return inputData;
        }

        object revived = PipedObject.Revive(thing, kind);
        if (!Many)
        {
            return revived;
        }

        var several = Array.CreateInstance(kind, 1);
        several.SetValue(revived, 0);
        return several;
    }
}
