using System.Text;
using ClusterTools.Contract;

namespace ClusterTools.Client;

/// <content>What the cluster keeps for runbooks.</content>
public sealed partial class ClusterClient
{
    /// <summary>The document of one runbook.</summary>
    public Task<Runbook> GetRunbookAsync(string name, CancellationToken cancellationToken) =>
        GetAsync<Runbook>($"/v1/runbooks/{Segment(name)}", cancellationToken);

    /// <summary>Writes the document of a runbook if it is still of the expected version; 0: if there is none.</summary>
    /// <exception cref="ClusterApiException">With code version-conflict it was changed meanwhile.</exception>
    public Task<Operation> PutRunbookAsync(string name, string content, long expectedVersion, CancellationToken cancellationToken) =>
        SendAsync<Operation>(
            new ClusterRequest(HttpMethod.Put, RunbookPath(name, expectedVersion))
            {
                Body = Encoding.UTF8.GetBytes(content),
                RequestId = NewRequestId(),
                Wait = ConfigurationLimit,
            },
            cancellationToken);

    /// <summary>Forgets the document of a runbook if it is still of the expected version.</summary>
    public Task<Operation> DeleteRunbookAsync(string name, long expectedVersion, CancellationToken cancellationToken) =>
        SendAsync<Operation>(
            new ClusterRequest(HttpMethod.Delete, RunbookPath(name, expectedVersion))
            {
                RequestId = NewRequestId(),
                Wait = ConfigurationLimit,
            }, cancellationToken);

    private static string RunbookPath(string name, long expectedVersion) =>
        FormattableString.Invariant(
            $"/v1/runbooks/{Segment(name)}?wait={ConfigurationLimit.TotalSeconds:0}&expected-version={expectedVersion}");
}
