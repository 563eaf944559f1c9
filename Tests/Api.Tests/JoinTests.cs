using System.Collections.Immutable;
using System.Net.Http.Json;
using ClusterTools.Client;
using ClusterTools.Contract;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api.Tests;

/// <summary>Machines that are invited, and join.</summary>
public sealed class JoinTests
{
    private const string Invite = "/v1/nodes/node4/invite";

    [Fact]
    public async Task A_machine_joins_by_its_token_once_without_a_vote_and_gets_its_votes_when_it_takes_part()
    {
        await using TestApi api = await StartAsync();
        using IssuedCertificate token = api.Authority.IssueUser("join node4");
        await api.Http(token).GetAsync("/v1/join").ProblemAsync(403, ProblemCodes.UnknownCertificate);
        NodeInvitation invitation = await InviteAsync(api, token);
        Assert.Equal(("node4", "https://192.0.2.1:7450"), (invitation.Node, invitation.Server));

        HttpClient machine = api.Http(token);
        Assert.Equal(JoinPhase.Invited, (await machine.GetAsync("/v1/join").ReadAsync<JoinProgress>()).Phase);
        JoinPacket packet = await machine.PostAsync("/v1/join", null).ReadAsync<JoinPacket>();
        Assert.Equal(
            ("shop", "node4", "https://192.0.2.4:7450", "sealed", 900),
            (packet.Cluster, packet.Node, packet.Listen, packet.Certificate, packet.Token));
        Assert.Equal("node1 node2 node3 node4", packet.CorosyncConfiguration);
        Assert.Equal(0, api.Node.State.Configuration.Nodes["node4"].Votes);
        Assert.Equal(["192.0.2.4"], api.Node.State.Configuration.Nodes["node4"].Addresses);
        Problem again = await machine.PostAsync("/v1/join", null).ProblemAsync(409, ProblemCodes.NotInvited);
        Assert.Contains("already", again.Detail, StringComparison.Ordinal);

        api.Node.View(["node1", "node2", "node3", "node4"], Core.Quorum.Quorate, continuous: true);
        JoinProgress progress;
        do
        {
            progress = await machine.GetAsync("/v1/join").ReadAsync<JoinProgress>();
        }
        while (progress.Phase is JoinPhase.Awaited or JoinPhase.Online);
        Assert.Equal(JoinPhase.Joined, progress.Phase);
        Assert.Equal(2, api.Node.State.Configuration.Nodes["node4"].Votes);
    }

    [Fact]
    public async Task A_token_lets_nobody_in_but_to_join()
    {
        await using TestApi api = await StartAsync();
        using IssuedCertificate token = api.Authority.IssueUser("join node4");
        await InviteAsync(api, token);
        foreach (string path in new[] { "/v1/cluster", "/v1/nodes", "/v1/join?wait=1", "/v1/join/" })
        {
            await api.Http(token).GetAsync(path).ProblemAsync(403, ProblemCodes.UnknownCertificate);
        }

        // And nobody joins by any other certificate.
        await api.Http(api.Administrator).PostAsync("/v1/join", null).ProblemAsync(404, ProblemCodes.NotInvited);
    }

    [Fact]
    public async Task A_second_invitation_of_a_node_ends_the_first()
    {
        await using TestApi api = await StartAsync();
        using IssuedCertificate first = api.Authority.IssueUser("join node4");
        using IssuedCertificate second = api.Authority.IssueUser("join node4");
        await InviteAsync(api, first);
        await InviteAsync(api, second);
        await api.Http(first).PostAsync("/v1/join", null).ProblemAsync(403, ProblemCodes.UnknownCertificate);
        Assert.Equal("node4", (await api.Http(second).PostAsync("/v1/join", null).ReadAsync<JoinPacket>()).Node);
    }

    [Fact]
    public async Task What_would_be_refused_later_is_refused_while_the_administrator_is_there()
    {
        await using TestApi api = await StartAsync();
        using IssuedCertificate token = api.Authority.IssueUser("join node4");
        HttpClient http = api.Http(api.Administrator);
        await http.PostAsJsonAsync("/v1/nodes/node3/invite", Request(token)).ProblemAsync(409, ProblemCodes.AlreadyExists);
        NodeInvitationRequest taken = Request(token);
        taken.Addresses = ["192.0.2.3"];
        Problem same = await http.PostAsJsonAsync(Invite, taken).ProblemAsync(400, ProblemCodes.InvalidConfiguration);
        Assert.Contains("node3", Assert.Single(same.Problems!).Message, StringComparison.Ordinal);
        NodeInvitationRequest two = Request(token);
        two.Addresses = ["192.0.2.4", "198.51.100.4"];
        await http.PostAsJsonAsync(Invite, two).ProblemAsync(400, ProblemCodes.InvalidConfiguration);
        NodeInvitationRequest late = Request(token);
        late.ValidSeconds = 100_000;
        await http.PostAsJsonAsync(Invite, late).ProblemAsync(400, ProblemCodes.BadRequest);
        NodeInvitationRequest bare = Request(token);
        bare.Fingerprint = "";
        await http.PostAsJsonAsync(Invite, bare).ProblemAsync(400, ProblemCodes.BadRequest);

        api.Node.View(["node1", "node2"], Core.Quorum.Quorate, continuous: true);
        Problem away = await http.PostAsJsonAsync(Invite, Request(token)).ProblemAsync(409, ProblemCodes.CannotJoin);
        Assert.Contains("node3", away.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_joins_a_cluster_of_one_machine_or_one_that_does_not_say_where_its_nodes_are()
    {
        await using TestApi alone = await TestApi.StartAsync();
        using IssuedCertificate token = alone.Authority.IssueUser("join node4");
        await alone.Http(alone.Administrator).PostAsJsonAsync(Invite, Request(token)).ProblemAsync(409, ProblemCodes.CannotJoin);
        await using TestApi placeless = await TestApi.StartAsync(with: o => o with { MemberFiles = new Files() });
        Problem problem = await placeless.Http(placeless.Administrator).PostAsJsonAsync(Invite, Request(token))
            .ProblemAsync(409, ProblemCodes.CannotJoin);
        Assert.Contains("addresses", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_is_one_word_and_is_read_back_whole_or_not_at_all()
    {
        var token = new JoinToken
        {
            Server = "https://192.0.2.1:7450", Node = "node4", Addresses = "192.0.2.4", Authority = [1, 2], Certificate = [3],
            Key = [4, 5, 6], Password = "secret",
        };
        string word = token.ToString();
        Assert.DoesNotContain(word, c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'));
        var read = JoinToken.Read($" {word}\n");
        Assert.Equal(
            (token.Server, token.Node, token.Addresses, token.Password), (read.Server, read.Node, read.Addresses, read.Password));
        Assert.Equal([token.Authority, token.Certificate, token.Key], [read.Authority, read.Certificate, read.Key]);
        foreach (string wrong in new[] { "", "join1-", word[..^1], word[1..], word.Replace('A', 'B'), "join1-!!!" })
        {
            Assert.Throws<InvalidDataException>(() => JoinToken.Read(wrong));
        }
    }

    private static async Task<TestApi> StartAsync()
    {
        TestApi api = await TestApi.StartAsync(with: o => o with { MemberFiles = new Files() });
        ClusterConfiguration now = api.Node.State.Configuration;
        api.Node.Apply(new Core.ConfigurationRequest("addresses", "test", now with
        {
            Version = now.Version + 1,
            Nodes = now.Nodes.SetItems(
                now.Nodes.Values.Select(n => KeyValuePair.Create(n.Name, n with { Addresses = [$"192.0.2.{n.Id}"] }))),
        }));
        return api;
    }

    private static NodeInvitationRequest Request(IssuedCertificate token) => new()
    {
        Addresses = ["192.0.2.4"], Votes = 2, Fingerprint = token.Fingerprint, Certificate = "sealed",
    };

    private static Task<NodeInvitation> InviteAsync(TestApi api, IssuedCertificate token) =>
        api.Http(api.Administrator).PostAsJsonAsync(Invite, Request(token)).ReadAsync<NodeInvitation>();

    private sealed class Files : IMemberFiles
    {
        public MemberFiles Read(ClusterConfiguration configuration) =>
            new(string.Join(' ', configuration.Nodes.Keys), new byte[] { 1 }, 900, 7450);
    }
}
