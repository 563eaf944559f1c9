using System.Globalization;
using System.Text;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Node;

namespace ClusterTools.Api;

/// <summary>Numbers in the Prometheus text format 0.0.4 (FEATURES G7).</summary>
internal sealed class MetricsEndpoint(EventStreams streams, ClientLimits limits)
{
    public const string Path = "/metrics";

    private const string Prefix = "clustertools_";

    public IEnumerable<Route> Routes() => [new("GET", Path, AccessRole.Viewer, Write)];

    public Task Write(ApiRequest request) => request.AnswerAsync(
        Encoding.UTF8.GetBytes(Text(request.State, request.Node, streams.Count, limits)), "text/plain; version=0.0.4; charset=utf-8");

    public static string Text(ClusterState state, IClusterNode node, long streams, ClientLimits limits)
    {
        var text = new StringBuilder();
        Gauge(text, "node_info", "The daemon that answers.", 1, (
            "node", node.Name), ("version", typeof(MetricsEndpoint).Assembly.GetName().Version?.ToString(3) ?? ""));
        Head(text, "quorum", "Whether the cluster is quorate, as this node sees it: 1 for the state that holds.", "gauge");
        foreach (Quorum quorum in Enum.GetValues<Quorum>())
        {
            Sample(text, "quorum", state.Quorum == quorum ? 1 : 0, ("state", StateViews.Word(quorum)));
        }

        Gauge(
            text, "disarmed", "1 while the cluster is disarmed: nothing is fenced, recovered, started by itself or reset.",
            state.Disarmed is null ? 0 : 1);
        Gauge(text, "votes", "Votes of the members.", state.Members.Keys.Sum(
            m => state.Configuration.Nodes.GetValueOrDefault(m)?.Votes ?? 0));
        Gauge(text, "votes_needed", "Votes needed for quorum.", QuorumArithmetic.Needed(state));
        Gauge(text, "epoch", "Epoch of the present view.", state.Epoch);
        Gauge(text, "index", "Index of the last event applied here.", state.Index);
        Gauge(text, "configuration_version", "Version of the configuration in force.", state.Configuration.Version);
        Sample(text, "ignored_events_total", "Events that did not fit the state.", "counter", state.Ignored);
        Phases(text, "nodes", "Nodes by phase.", state.Nodes.Values.Select(n => n.Phase));
        Phases(text, "groups", "Groups by phase.", state.Groups.Values.Select(g => g.Phase));
        Head(text, "group_state", "Each group's phase and owner: the sample is 1.", "gauge");
        foreach (GroupState group in state.Groups.Values)
        {
            Sample(text, "group_state", 1, (
                "group", group.Name), ("state", StateViews.Word(group.Phase)), ("node", group.Owner ?? ""),
                ("frozen", group.Frozen ? "true" : "false"));
        }

        Head(text, "group_up", "1 when the group is started.", "gauge");
        foreach (GroupState group in state.Groups.Values)
        {
            Sample(text, "group_up", group.Phase == GroupPhase.Started ? 1 : 0, ("group", group.Name));
        }

        Gauge(text, "fencing", "Nodes being fenced now.", state.Fences.Count);
        Head(text, "fence_history", $"Finished fencing that is remembered (at most {Core.Cluster.MaxFenceHistory}), by outcome.", "gauge");
        Sample(text, "fence_history", state.FenceHistory.Count(f => f.Success), ("outcome", "succeeded"));
        Sample(text, "fence_history", state.FenceHistory.Count(f => !f.Success), ("outcome", "failed"));
        Gauge(text, "operations_running", "Requests that have not ended.", state.Operations.Values.Count(
            o => o.Phase == OperationPhase.Running));
        Gauge(text, "event_streams", "Event streams open on this node.", streams);
        Gauge(text, "api_requests", "Requests under way on this node.", limits.Requests.Held);
        Gauge(text, "api_bytes", "Bytes of bodies and answers that this node keeps for clients.", limits.Bytes.Held);

        // Samples of one name must stand together under one head.
        foreach (IGrouping<string, NodeMetric> metric in node.Metrics().GroupBy(m => Name(m.Name), StringComparer.Ordinal))
        {
            NodeMetric first = metric.First();
            Head(text, metric.Key, first.Help, first.Counter ? "counter" : "gauge");
            foreach (NodeMetric sample in metric)
            {
                Sample(text, metric.Key, sample.Value, sample.Labels);
            }
        }

        return text.ToString();
    }

    private static void Phases<T>(StringBuilder text, string name, string help, IEnumerable<T> phases)
        where T : struct, Enum
    {
        Dictionary<T, int> counts = phases.CountBy(p => p).ToDictionary(p => p.Key, p => p.Value);
        Head(text, name, help, "gauge");
        foreach (T phase in Enum.GetValues<T>())
        {
            Sample(text, name, counts.GetValueOrDefault(phase), ("phase", StateViews.Word(phase)));
        }
    }

    private static void Gauge(
        StringBuilder text, string name, string help, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        Head(text, name, help, "gauge");
        Sample(text, name, value, labels);
    }

    private static void Sample(StringBuilder text, string name, string help, string type, double value)
    {
        Head(text, name, help, type);
        Sample(text, name, value);
    }

    private static void Head(StringBuilder text, string name, string help, string type)
    {
        text.Append("# HELP ").Append(Prefix).Append(name).Append(' ').Append(
            help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
        text.Append("# TYPE ").Append(Prefix).Append(name).Append(' ').Append(type).Append('\n');
    }

    private static void Sample(StringBuilder text, string name, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        text.Append(Prefix).Append(name);
        for (int i = 0; i < labels.Length; i++)
        {
            text.Append(i == 0 ? '{' : ',').Append(Name(labels[i].Name)).Append("=\"").Append(Escaped(labels[i].Value)).Append('"');
        }

        if (labels.Length > 0)
        {
            text.Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : double.IsNaN(value) ? "NaN"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escaped(string value) => PlainText.EscapeLines(value)
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Name(string name)
    {
        string clean = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return clean.Length == 0 || char.IsAsciiDigit(clean[0]) ? "_" + clean : clean;
    }
}
