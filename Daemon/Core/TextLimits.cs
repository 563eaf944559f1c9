using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// How long what people and programs say may be, in characters. It is asked for where a text enters (the API refuses; what agents and
/// scripts say is cut), and again in the Core, so that no event, whoever proposed it, makes the state grow without end.
/// </summary>
public static class TextLimits
{
    /// <summary>Of a group, node, resource, runbook or script.</summary>
    public const int Name = ConfigurationLimits.NameLength;

    /// <summary>Of a request id that comes through the API.</summary>
    public const int RequestId = 64;

    /// <summary>Of any id; the Core's own are made of names.</summary>
    public const int Id = 1024;

    /// <summary>Of who asked: the grant's name and the beginning of a fingerprint.</summary>
    public const int Who = 400;

    /// <summary>Of why something is asked for.</summary>
    public const int Reason = 1000;

    /// <summary>Of a message that is written into the journal.</summary>
    public const int Message = 4000;

    /// <summary>Of what an agent, a script or a device has said.</summary>
    public const int AgentWords = 2500;

    /// <summary>Of what an operation says when it has ended.</summary>
    public const int Outcome = 1500;

    /// <summary>Of a journal entry's message: names, an agent's words and a remedy.</summary>
    public const int JournalMessage = 4200;
}
