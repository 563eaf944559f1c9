using ClusterTools.Contract;

namespace ClusterTools.Api;

/// <content>Machines that are invited, and join.</content>
internal static partial class Problems
{
    public static ApiException NotInvited() => Of(
        404, ProblemCodes.NotInvited, "There is no invitation", "This member has no invitation for this certificate, or it is over.",
        "Invite the machine anew (Add-ClusterNode, or clusterd invite): an invitation is good for one machine and a short time, and goes "
            + "when the daemon that keeps it is restarted.");

    public static ApiException InvitationUsed(string node) => Of(
        409, ProblemCodes.NotInvited, "The invitation was used", $"A machine has joined as {node} with this token already.",
        "If that was not you, take the node out (Remove-ClusterNode) and find out who has seen the token. Else invite the machine anew.");

    public static ApiException TooManyInvitations(int limit) => Of(
        429, ProblemCodes.CannotJoin, "There are too many invitations", $"This member keeps {limit} invitations already.",
        "Wait until some are over.");

    public static ApiException JoinsOneMachine() => Of(
        409, ProblemCodes.CannotJoin, "No machine can join this cluster", "Its engine joins the daemons of one machine.",
        "Make a cluster of several machines: New-Cluster, or clusterd init --engine corosync.");

    public static ApiException NoAddresses(IReadOnlyList<string> nodes) => Of(
        409, ProblemCodes.CannotJoin, "No machine can join this cluster yet",
        $"The configuration does not say where its nodes are ({string.Join(", ", nodes.Take(5))}).",
        "Give every node its addresses in the configuration ('addresses' of the node), one for each network.");

    public static ApiException MembersAway(IReadOnlyList<string> nodes) => Of(
        409, ProblemCodes.CannotJoin, "No machine can join while others are away",
        $"{string.Join(", ", nodes.Take(5))} {(nodes.Count == 1 ? "does" : "do")} not take part, and would come back without knowing it.",
        "Start them first, or take out those that are gone for good (Remove-ClusterNode).");

    public static ApiException MemberFilesUnusable(string message) => Of(
        409, ProblemCodes.CannotJoin, "This member can't let a machine in", Plain(message),
        "See to these files, or ask another member.");
}
