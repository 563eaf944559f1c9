namespace ClusterTools.Benchmarks.Failover;

/// <summary>One power cut. Times are milliseconds of the one clock that all machines here have.</summary>
/// <param name="Victim">The machine.</param>
/// <param name="By">Who runs the service after it.</param>
/// <param name="Cut">When its power was cut.</param>
/// <param name="Memberships">When the other corosyncs had new memberships, each for itself.</param>
/// <param name="Up">When somebody outside had an answer of the service again.</param>
/// <param name="Agents">What agents ran since then.</param>
/// <param name="Note">What else is to be said of it.</param>
internal sealed record FailoverRun(
    string Victim, string By, double Cut, IReadOnlyList<double[]> Memberships, double Up, IReadOnlyList<AgentRun> Agents, string Note)
{
    public double Total => Up - Cut;

    /// <summary>When the first of the others had a membership without it.</summary>
    public double Formed => Memberships.SelectMany(static m => m).Min();

    /// <summary>The others lost each other as well: what was measured is a machine that is short of time.</summary>
    public bool IsDisturbed => Memberships.Any(m => m.Count(time => time < Up) > 1);

    public double Detection => Formed - Cut;

    /// <summary>Of the agents that must have run before the service can answer: fencing, and the starts.</summary>
    public double InAgents => Steps.Sum(a => a.End - a.Begin);

    /// <summary>What is left of the time past the change of membership without the agents' own.</summary>
    public double Own => Up - Formed - InAgents;

    public double ToFencing => Step("fence", "off").Begin - Formed;

    public double ToStart => Step("address", "start").Begin - Step("fence", "off").End;

    private IEnumerable<AgentRun> Steps => [Step("fence", "off"), Step("address", "start"), Step("service", "start")];

    private AgentRun Step(string agent, string action) => Agents.Where(a => a.Agent == agent && a.Action == action)
        .MinBy(a => a.Begin) ?? throw new InvalidOperationException($"No {action} of {agent} was noted after {Victim} was cut.");
}
