using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>
/// Times of the cluster as a whole, in the units of the file: <c>token</c> in milliseconds, the delays of fencing in seconds.
/// </summary>
internal sealed class TimingSection(ConfSections sections, AttributeReader read, ImportProblems problems)
{
    /// <summary>What the classic cluster took where the file says nothing, in milliseconds.</summary>
    private const int ClassicToken = 10_000;

    private const int ShortestToken = 200;
    private const int LongestToken = 60_000;

    /// <summary>Seconds.</summary>
    private const int LongestFenceDelay = 600;

    public ClusterTiming Read(ConfElement root)
    {
        var timing = new ClusterTiming();
        var totem = sections.Find("totem");
        timing = timing with { Token = Token(totem, root, timing.Token) };
        if (totem is not null)
        {
            problems.Place(totem.Line, "timing/token");
            problems.Leftovers(totem, "totem", "timing");
            foreach (var child in totem.Children)
            {
                if (child.Name == "interface")
                {
                    problems.Lost("timing", "'<interface>'", "addresses and ports are configured with the network", child.Line);
                }
                else
                {
                    problems.UnknownElement(child, "timing", ["interface"]);
                }
            }
        }
        if (sections.Find("fence_daemon") is { } daemon)
        {
            problems.Place(daemon.Line, "timing/postFailDelay", "timing/postJoinDelay");
            timing = timing with
            {
                PostFailDelay = FenceDelay(daemon, "post_fail_delay", "timing/postFailDelay", timing.PostFailDelay,
                    "a lost node is waited for no longer before it is fenced"),
                PostJoinDelay = FenceDelay(daemon, "post_join_delay", "timing/postJoinDelay", timing.PostJoinDelay,
                    "nodes that were never seen are waited for no longer before they are fenced"),
            };
            problems.Leftovers(daemon, "fence_daemon", "timing");
            problems.NoChildren(daemon, "timing");
        }
        return timing;
    }

    private int Token(ConfElement? totem, ConfElement root, int ours)
    {
        if (totem?.Take("token") is not { } given)
        {
            // A file of trees alone is no cluster that could wait for anybody.
            if (sections.Find("clusternodes") is null)
            {
                return ours;
            }
            problems.Warning("timing/token",
                $"The file does not say how long a node may be silent (token): here it is lost after {ours / 1000.0:0.#} s, in the classic "
                    + $"cluster it was after {ClassicToken / 1000} s.",
                $"Write <totem token=\"{ClassicToken}\"/> to keep the classic time, or token=\"{ours}\" for the new one.", totem?.Line
                ?? root.Line);
            return ours;
        }
        var token = read.Number(totem, "token", "timing/token", ours, 0, int.MaxValue);
        if (token is >= ShortestToken and <= LongestToken)
        {
            return (int)token;
        }
        var nearest = (int)Math.Clamp(token, ShortestToken, LongestToken);
        problems.Warning("timing/token",
            $"A token time of {token} is out of our range of {ShortestToken} to {LongestToken} milliseconds: {nearest} are taken, so that "
                + $"a silent node is lost {(nearest < token ? "sooner" : "later")} than in the classic cluster.",
            $"Write {ShortestToken} to {LongestToken} milliseconds.", given.Line);
        return nearest;
    }

    private int FenceDelay(ConfElement daemon, string attribute, string path, int fallback, string meaning)
    {
        if (daemon.Take(attribute) is not { } given)
        {
            return fallback;
        }
        var forEver = given.Value.Trim() == "-1";
        var seconds = forEver ? long.MaxValue : read.Number(daemon, attribute, path, fallback / 1000, 0, int.MaxValue);
        if (seconds <= LongestFenceDelay)
        {
            return (int)seconds * 1000;
        }
        problems.Warning(path,
            $"{attribute}=\"{given.Value.Trim().Shown()}\" is {(forEver ? "for ever" : $"{seconds} seconds")}; here {LongestFenceDelay} "
                + $"seconds are the longest, and are taken: {meaning}.",
            $"Write 0 to {LongestFenceDelay} seconds.", given.Line);
        return LongestFenceDelay * 1000;
    }
}
