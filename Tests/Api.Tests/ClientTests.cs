using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Api.Tests;

public sealed class ClientTests
{
    // Nothing listens on the port of a listener that was closed.
    private static Uri Dead()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"https://127.0.0.1:{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}");
    }

    [Fact]
    public async Task The_next_server_is_tried_and_remembered()
    {
        await using TestApi api = await TestApi.StartAsync();
        ClusterClient client = api.Client(api.Viewer, Dead(), api.Address);
        Assert.Equal("shop", (await client.GetClusterAsync(TestApi.Timeout)).Name);
        Assert.Equal(api.Address, client.Server);
    }

    [Fact]
    public async Task When_nobody_answers_the_error_says_whom_it_tried()
    {
        await using TestApi api = await TestApi.StartAsync();
        Uri dead = Dead();
        ClusterUnreachableException e =
            await Assert.ThrowsAsync<ClusterUnreachableException>(() => api.Client(api.Viewer, dead).GetClusterAsync(TestApi.Timeout));
        Assert.Contains(dead.Authority, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>Welcome</html>")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[{\"name\":7}]")]
    public async Task An_answer_that_is_no_JSON_is_told_with_who_gave_it(string answer)
    {
        await using TestApi api = await TestApi.StartAsync();
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"https://127.0.0.1:{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}");
        Task serving = ServeAsync();
        ClusterUnreachableException e =
            await Assert.ThrowsAsync<ClusterUnreachableException>(() => api.Client(api.Viewer, address).GetClusterAsync(TestApi.Timeout));
        Assert.Contains(address.Authority, e.Message, StringComparison.Ordinal);
        Assert.Contains("not understood", e.Message, StringComparison.Ordinal);
        await serving;

        async Task ServeAsync()
        {
            using System.Net.Sockets.TcpClient socket = await listener.AcceptTcpClientAsync(TestApi.Timeout);
            await using var stream = new System.Net.Security.SslStream(socket.GetStream());
            await stream.AuthenticateAsServerAsync(api.NodeCertificate.Certificate);
            _ = await stream.ReadAsync(new byte[4096], TestApi.Timeout);
            await stream.WriteAsync(
                System.Text.Encoding.UTF8.GetBytes(
                    $"HTTP/1.1 200 OK\r\nContent-Length: {answer.Length}\r\nContent-Type: text/html\r\n\r\n{answer}"), TestApi.Timeout);
        }
    }

    [Fact]
    public async Task A_node_without_quorum_is_passed_over_for_one_that_has_it()
    {
        await using TestApi api = await TestApi.StartAsync();
        await using var alone = new TestNode();
        alone.Form(api.Configuration());
        alone.View(["node1"], Core.Quorum.None, continuous: false);
        await using var server = new ApiServer(alone, new ApiServerOptions
        {
            Listen = ["https://127.0.0.1:0"], Certificate = api.NodeCertificate.Certificate, Authority = api.AuthorityCertificate,
        });
        await server.StartAsync(TestApi.Timeout);
        ClusterClient client = api.Client(api.Operator, server.Addresses[0], api.Address);
        Operation asked = await client.GroupAsync("web", "restart", null, TestApi.Timeout);
        Assert.Equal(OperationPhase.Succeeded, (await client.WaitForOperationAsync(asked.Id, TestApi.Timeout)).Phase);
        Assert.Equal(1, api.Node.Submissions);

        ClusterApiException e = await Assert.ThrowsAsync<ClusterApiException>(
            () => api.Client(api.Operator, server.Addresses[0]).GroupAsync("web", "restart", null, TestApi.Timeout));
        Assert.Equal(ProblemCodes.NotQuorate, e.Code);
    }

    [Fact]
    public async Task A_problem_comes_as_an_exception_with_its_remedy()
    {
        await using TestApi api = await TestApi.StartAsync();
        ClusterApiException e =
            await Assert.ThrowsAsync<ClusterApiException>(() => api.Client(api.Viewer).GetGroupAsync("wep", false, TestApi.Timeout));
        Assert.Equal(404, e.Status);
        Assert.Equal(["web"], e.Problem.Near);
        Assert.Contains("Did you mean web?", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_context_leads_to_the_cluster()
    {
        string folder = Directory.CreateTempSubdirectory("clustertools-api-").FullName;
        try
        {
            await using TestApi api = await TestApi.StartAsync();
            string path = Path.Combine(folder, "contexts.json");
            var contexts = new ClientContexts();
            ContextFile.Put(contexts, new ClientContext
            {
                Name = "shop",
                Cluster = "shop",
                Servers = [api.Address.ToString()],
                Authority = api.Authority.CertificatePem,
                CertificatePfx = Convert.ToBase64String(api.Viewer.ToPfx()),
            });
            ContextFile.Write(path, contexts, WireJson.Default);
            using ClusterClient client = ClusterClient.FromContext(path, null, WireJson.Default);
            Assert.Equal(3, (await client.GetNodesAsync(TestApi.Timeout)).Length);
            Assert.Equal(3, (await client.GetGroupsAsync(false, TestApi.Timeout)).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
