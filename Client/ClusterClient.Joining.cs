using ClusterTools.Contract;

namespace ClusterTools.Client;

/// <content>Machines that are invited, and join.</content>
public sealed partial class ClusterClient
{
    /// <summary>Has the server keep an invitation of a machine.</summary>
    public Task<NodeInvitation> InviteAsync(string node, NodeInvitationRequest request, CancellationToken cancellationToken) =>
        PostAsync<NodeInvitation>($"/v1/nodes/{Segment(node)}/invite", request, cancellationToken);

    /// <summary>Of the machine that was invited: asks for what it needs. Once.</summary>
    public Task<JoinPacket> JoinAsync(CancellationToken cancellationToken) => SendAsync<JoinPacket>(
        new ClusterRequest(HttpMethod.Post, "/v1/join") { RequestId = NewRequestId(), Wait = ConfigurationLimit }, cancellationToken);

    /// <summary>Of the machine that was invited: how far it has come.</summary>
    public Task<JoinProgress> GetJoinProgressAsync(CancellationToken cancellationToken) =>
        GetAsync<JoinProgress>("/v1/join", cancellationToken);
}
