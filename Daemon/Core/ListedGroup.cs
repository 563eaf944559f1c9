namespace ClusterTools.Core;

/// <summary>A group that comes onto a node's list of what may be active there, or goes from it.</summary>
internal readonly record struct ListedGroup(string Node, string Group, bool Exclusive, bool Listed)
{
    public NodeState In(NodeState at) =>
        Listed ? at with { Groups = at.Groups.Add(Group), ExclusiveGroups = at.ExclusiveGroups + (Exclusive ? 1 : 0) }
        : at.Groups.Contains(Group) ? at with
        {
            Groups = at.Groups.Remove(Group),
            ExclusiveGroups = at.ExclusiveGroups - (Exclusive ? 1 : 0),
        }
        : at;
}
