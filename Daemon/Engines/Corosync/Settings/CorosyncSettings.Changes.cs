using System.Collections.Immutable;

namespace ClusterTools.Engines.Corosync.Settings;

public sealed partial record CorosyncSettings
{
    /// <summary>
    /// With one more node at the end. Its id is the lowest that no node has or had, so that nothing that remembers a former node by its
    /// id takes the new one for it.
    /// </summary>
    /// <param name="name">The node's name; its machine finds itself in the list by it.</param>
    /// <param name="addresses">One address for each link.</param>
    /// <param name="votes">Its votes.</param>
    /// <param name="formerIds">Ids of nodes that were removed, as far as they are known.</param>
    public CorosyncSettings WithNode(string name, IEnumerable<string> addresses, int votes = 1, IEnumerable<int>? formerIds = null)
    {
        HashSet<int> taken = [.. Nodes.Select(node => node.Id), .. formerIds ?? []];
        int id = 1;
        while (taken.Contains(id))
        {
            id++;
        }

        var node = new CorosyncNode { Name = name, Id = id, Addresses = [.. addresses], Votes = votes };
        return Changed(this with { Nodes = Nodes.Add(node) });
    }

    /// <summary>Without a node; the others keep their ids.</summary>
    /// <exception cref="ArgumentException">There is no such node.</exception>
    public CorosyncSettings WithoutNode(string name) => Changed(this with { Nodes = Nodes.RemoveAt(IndexOf(name)) });

    /// <summary>With other votes of a node. Change the votes of one node at a time, so that the old and the new majority overlap.</summary>
    /// <exception cref="ArgumentException">There is no such node.</exception>
    public CorosyncSettings WithVotes(string name, int votes)
    {
        int index = IndexOf(name);
        return Changed(this with { Nodes = Nodes.SetItem(index, Nodes[index] with { Votes = votes }) });
    }

    /// <summary>With other times; what only the token before had made necessary for the links is not said any more.</summary>
    public CorosyncSettings WithTiming(CorosyncTiming timing)
    {
        (int? Interval, int? Timeout) pings = Timing.Pings(Nodes.Length) ?? default;
        return Changed(this with
        {
            Timing = timing,
            Links =
            [
                .. Links.Select(link => (link.PingInterval, link.PingTimeout) != pings ? link
                    : link with { PingInterval = null, PingTimeout = null })
                    .Where(static link => link != new CorosyncLink { Number = link.Number }),
            ],
        });
    }

    /// <summary>With another quorum device, or with none.</summary>
    public CorosyncSettings WithDevice(CorosyncDevice? device) => Changed(this with { Device = device });

    private static CorosyncSettings Changed(CorosyncSettings next)
    {
        bool two = next.Device is null && next.IsPair;
        return next with
        {
            Version = next.Version + 1,
            TwoNode = two,
            // Two nodes of which each could begin alone would fence each other in turns.
            WaitForAll = two && next.WaitForAll == false ? null : next.WaitForAll,
        };
    }

    private int IndexOf(string name)
    {
        for (int i = 0; i < Nodes.Length; i++)
        {
            if (Nodes[i].Name == name)
            {
                return i;
            }
        }

        throw new ArgumentException(
            $"There is no node '{name}' in cluster '{ClusterName}'; there are {string.Join(", ", Nodes.Select(node => node.Name))}.",
            nameof(name));
    }
}
