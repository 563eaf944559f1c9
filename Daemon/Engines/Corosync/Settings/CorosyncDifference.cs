using System.Collections.Immutable;

namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>One thing in which two settings differ.</summary>
/// <param name="Place">What differs, as corosync names its settings, but with nodes by their ids and links by their numbers.</param>
/// <param name="Text">What differs, in words.</param>
/// <param name="Apply">What makes it hold.</param>
public sealed record CorosyncDifference(string Place, string Text, CorosyncApply Apply)
{
    // A node's name: at a reload corosync would look for itself under the new one, and not say if it is nowhere. A port: knet keeps the
    // one that a link has. The others: votequorum(5), and corosync's own list in exec/cfg.c.
    private static readonly string[] Fixed =
        ["name", "mcastport", "cluster_name", "wait_for_all", "last_man_standing", "last_man_standing_window"];

    /// <summary>
    /// What differs; empty when the same file would be written of both. What can be reloaded is what corosync.conf(5), votequorum(5) and
    /// corosync's own sources say, as of 3.1.7.
    /// </summary>
    public static ImmutableArray<CorosyncDifference> Between(CorosyncSettings from, CorosyncSettings to)
    {
        CorosyncSection[] before = CorosyncWriter.Sections(from), after = CorosyncWriter.Sections(to);
        return [.. before.Zip(after).SelectMany(pair => Section(pair.First.Name, pair.First, pair.Second))];
    }

    private static IEnumerable<CorosyncDifference> Section(string place, CorosyncSection from, CorosyncSection to)
    {
        foreach (string key in from.Items.Concat(to.Items).Select(item => item.Key).Distinct())
        {
            if (from[key] != to[key])
            {
                yield return Value($"{place}.{key}", key, from[key], to[key]);
            }
        }

        foreach (string name in from.Sections.Concat(to.Sections).Select(Name).Distinct())
        {
            CorosyncSection? was = from.Sections.Find(inner => Name(inner) == name), now = to.Sections.Find(inner => Name(inner) == name);
            if (was is null || now is null)
            {
                yield return Whole($"{place}.{name}", (was ?? now)!, now is null ? "removed" : "added");
                continue;
            }

            foreach (CorosyncDifference difference in Section($"{place}.{name}", was, now))
            {
                yield return difference;
            }
        }

        string[] order = [.. to.Sections.Select(Name).Where(name => from.Sections.Exists(inner => Name(inner) == name))];
        if (!from.Sections.Select(Name).Where(order.Contains).SequenceEqual(order))
        {
            yield return new(place, "Its sections stand in another order.", CorosyncApply.Reload);
        }
    }

    private static CorosyncDifference Value(string place, string key, string? was, string? now)
    {
        bool isMoved = key.EndsWith("_addr", StringComparison.Ordinal) && was is not null && now is not null;
        string text = $"It is {now ?? "not set"} instead of {was ?? "not set"}.";
        return new(
            place,
            !isMoved ? text
                : $"{text} Corosync refuses to reload that; instead of a restart, remove the link or the node, reload, and add it anew.",
            isMoved || Fixed.Contains(key) ? CorosyncApply.RestartCorosync
                : place.StartsWith("quorum.device.", StringComparison.Ordinal) && key != "votes" ? CorosyncApply.RestartDevice
                : CorosyncApply.Reload);
    }

    private static CorosyncDifference Whole(string place, CorosyncSection section, string done) => section.Name switch
    {
        "node" => new(place, $"Node '{section["name"]}' is {done}.", CorosyncApply.Reload),
        "interface" => new(
            place, $"What is set for link {section["linknumber"]} is {done}.",
            section["mcastport"] is null ? CorosyncApply.Reload : CorosyncApply.RestartCorosync),
        "device" => new(place, $"The quorum device '{section["model"]}' is {done}.", CorosyncApply.RestartDevice),
        _ => new(place, $"The section '{section.Name}' is {done}.", CorosyncApply.RestartDevice),
    };

    // A node is its id, and a link its number: corosync knows them by these.
    private static string Name(CorosyncSection section) =>
        section["nodeid"] is { } id ? $"node.{id}" : section["linknumber"] is { } number ? $"interface.{number}" : section.Name;
}
