using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using ClusterTools.Contract;
using Newtonsoft.Json;

namespace ClusterTools.Client;

/// <content>What each server says of itself, instead of what any of them says of the cluster.</content>
public sealed partial class ClusterClient
{
    /// <summary>The caller, as the cluster knows him.</summary>
    public Task<Identity> GetIdentityAsync(CancellationToken cancellationToken) => GetAsync<Identity>("/v1/me", cancellationToken);

    /// <summary>Asks every server of the context itself, all at once. Who does not answer within three seconds is told of, too.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<ClusterNodeHealth[]> GetHealthAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(servers.Select(s => HealthOfAsync(s, cancellationToken)));

    private async Task<ClusterNodeHealth> HealthOfAsync(Uri server, CancellationToken cancellationToken)
    {
        var request = new ClusterRequest(HttpMethod.Get, "/v1/health");
        var health = new ClusterNodeHealth { Server = server.GetLeftPart(UriPartial.Authority) };
        try
        {
            // The first question may have to connect; the second tells how long a question takes.
            Health told = await HealthOnceAsync(server, request, cancellationToken).ConfigureAwait(false);
            long before = Now();
            var watch = Stopwatch.StartNew();
            told = await HealthOnceAsync(server, request, cancellationToken).ConfigureAwait(false);
            health.RoundTrip = watch.Elapsed;
            health.Node = told.Node;
            health.Answers = true;
            health.Incarnation = told.Incarnation;
            health.Version = told.Version;
            health.Quorum = told.Quorum;
            health.ConfigurationVersion = told.ConfigurationVersion;
            health.ConfigurationHash = told.ConfigurationHash;
            health.CertificateExpires = told.CertificateExpires;
            health.ClockOffset = told.Now == 0 ? null : TimeSpan.FromMilliseconds(told.Now - before - (watch.Elapsed.TotalMilliseconds / 2));
        }
        catch (ClusterApiException e)
        {
            health.Message = e.Message;
        }
        catch (JsonException e)
        {
            health.Message = $"answered with something that is not understood: {e.Message}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or WebException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            health.Message = Words(e);
        }

        return health;
    }

    private async Task<Health> HealthOnceAsync(Uri server, ClusterRequest request, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await TryAsync(server, request, Impatient, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new ClusterApiException(await ProblemOfAsync(response).ConfigureAwait(false));
        }

        return ApiJson.Read<Health>(await response.Content.ReadAsStringAsync().ConfigureAwait(false));
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
