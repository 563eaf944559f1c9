namespace ClusterTools.Core.Configuration;

/// <summary>Weights and delays against fence races.</summary>
public static partial class ConfigurationValidation
{
    private const int LargestWeight = 1_000_000;
    private const int LongestFenceDelay = 600_000;

    private static void Race(string path, NodeConfiguration node, ClusterConfiguration configuration, ProblemList problems)
    {
        Weight(path, node.Weight, configuration, problems);
        Range($"{path}/fenceDelay", node.FenceDelay, 0, LongestFenceDelay, "milliseconds", problems);
        Range($"{path}/fenceDelayMax", node.FenceDelayMax, 0, LongestFenceDelay, "milliseconds", problems);
        if (node.FenceDelayMax > 0 && node.FenceDelayMax < node.FenceDelay)
        {
            problems.Error(
                $"{path}/fenceDelayMax",
                $"Node '{node.Name}' is fenced after {SpanText.Of(node.FenceDelay)} at least, {SpanText.Of(node.FenceDelayMax)} at most.",
                "Make fenceDelayMax as long as fenceDelay or longer, or leave it out: then the delay is always the same.");
        }
    }

    private static void Weight(string path, int weight, ClusterConfiguration configuration, ProblemList problems)
    {
        Range($"{path}/weight", weight, 0, LargestWeight, "(what it weighs)", problems);
        if (weight > 0 && !configuration.TwoNode)
        {
            problems.Warning(
                $"{path}/weight", "Weights decide nothing here: they say which of two nodes fences first, and twoNode is not set.",
                "Leave the weight out. With more nodes, or a quorum disk, the votes decide which side goes on.");
        }
    }
}
