using System.Net;
using ClusterTools.Contract;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines;
using AccessRole = ClusterTools.Core.Configuration.AccessRole;
using ConfigurationEdit = ClusterTools.Core.Configuration.ConfigurationEdit;
using ProblemSeverity = ClusterTools.Core.Configuration.ProblemSeverity;

namespace ClusterTools.Api;

/// <summary>Machines that are invited, and join.</summary>
internal sealed class JoinEndpoints(Invitations invitations, ApiServerOptions options, CancellationToken stopping)
{
    /// <summary>The one path for who was invited and is nobody yet.</summary>
    public const string Path = "/v1/join";

    private const int UsualSeconds = 15 * 60;
    private const int LeastSeconds = 60;
    private const int MostSeconds = 24 * 60 * 60;
    private const int FingerprintLength = 64;

    public IEnumerable<Route> Routes() =>
    [
        new("POST", "/v1/nodes/{node}/invite", AccessRole.Administrator, Invite),
        new("POST", Path, AccessRole.Viewer, Join),
        new("GET", Path, AccessRole.Viewer, r => r.AnswerAsync(Invited(r).Progress)),
    ];

    private async Task Invite(ApiRequest request)
    {
        IMemberFiles files = options.MemberFiles ?? throw Problems.JoinsOneMachine();
        NodeInvitationRequest asked = await request.ReadAsync<NodeInvitationRequest>(options.MaxBody).ConfigureAwait(false);
        string node = request.Name("node");
        int seconds = asked.ValidSeconds ?? UsualSeconds;
        if (seconds is < LeastSeconds or > MostSeconds)
        {
            throw Problems.BadRequest(
                $"An invitation can't be good for {seconds} s.", $"Use {LeastSeconds} to {MostSeconds:N0} seconds.", place: "validSeconds");
        }

        if (asked.Fingerprint.Length != FingerprintLength || asked.Certificate.Length == 0)
        {
            throw Problems.BadRequest(
                "The invitation has no certificates.", "Add-ClusterNode and 'clusterd invite' make them.", place: "fingerprint");
        }

        Check(request, node, asked);
        // What the machine will need is looked at now, while somebody is there to be told.
        MemberFiles read = Read(files, request.State.Configuration);
        invitations.Add(asked.Fingerprint, new Invitation
        {
            Node = node,
            Request = asked,
            Who = request.Caller.Who,
            Expires = Environment.TickCount64 + (seconds * 1000L),
        });
        await request.AnswerAsync(new NodeInvitation
        {
            Node = node,
            Server = Address(request.State.Configuration, request.Node.Name, read),
            Expires = DateTimeOffset.UtcNow.AddSeconds(seconds),
        }).ConfigureAwait(false);
    }

    /// <summary>What would be refused later is refused while the administrator is there.</summary>
    private static void Check(ApiRequest request, string node, NodeInvitationRequest asked)
    {
        ClusterConfiguration current = request.State.Configuration;
        if (asked.Votes is < 0 or > 255)
        {
            throw Problems.BadRequest($"A node can't have {asked.Votes} votes.", "Use 0 to 255.", place: "votes");
        }

        if (current.Nodes.Values.Any(static n => n.Addresses.IsDefaultOrEmpty))
        {
            throw Problems.NoAddresses(
                [.. current.Nodes.Values.Where(static n => n.Addresses.IsDefaultOrEmpty).Select(static n => n.Name)]);
        }

        // Who is away would come back with a list of machines that the new one is not in, and not hear it.
        string[] away = [.. current.Nodes.Keys.Where(n => !request.State.Members.ContainsKey(n))];
        if (away.Length > 0)
        {
            throw Problems.MembersAway(away);
        }

        ClusterConfiguration next;
        try
        {
            next = ConfigurationEdit.Apply(current, [Admission.Addition(node, asked.Addresses)]) with { Version = current.Version + 1 };
        }
        catch (EditRefusedException e)
        {
            throw Problems.EditRefused(e);
        }

        Core.Configuration.ConfigurationProblem[] wrong =
        [
            .. ConfigurationValidation.ValidateChange(current, next).Concat(ConfigurationValidation.Validate(next))
                .Where(static p => p.Severity == ProblemSeverity.Error),
        ];
        if (wrong.Length > 0)
        {
            throw Problems.InvalidConfiguration([.. wrong.Select(StateViews.Problem)]);
        }
    }

    private async Task Join(ApiRequest request)
    {
        Invitation invitation = Invited(request);
        IMemberFiles files = options.MemberFiles ?? throw Problems.JoinsOneMachine();
        if (!invitation.TryUse())
        {
            throw Problems.InvitationUsed(invitation.Node);
        }

        var admission = new Admission(request.Node, invitation);
        JoinPacket packet;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
            limit.CancelAfter(options.SubmitLimit);
            ClusterConfiguration configuration = await admission.AddAsync(limit.Token).ConfigureAwait(false);
            MemberFiles read = Read(files, configuration);
            packet = new JoinPacket
            {
                Cluster = configuration.Name,
                Node = invitation.Node,
                Certificate = invitation.Request.Certificate,
                Listen = Address(configuration, invitation.Node, read),
                FunctionalLevel = request.State.FunctionalLevel,
                Token = read.Token,
                CorosyncConfiguration = read.Corosync,
                CorosyncKey = Convert.ToBase64String(read.Key.Span),
            };
        }
        catch (NotQuorateException e)
        {
            invitation.GiveBack();
            throw Problems.NotQuorate(e.Message);
        }
        catch (ApiException)
        {
            invitation.GiveBack();
            throw;
        }

        // Goes on when the request has long been answered; its limit is its own.
        _ = admission.CompleteAsync(stopping);
        await request.AnswerAsync(packet).ConfigureAwait(false);
    }

    /// <summary>Where a node's API is.</summary>
    private static string Address(ClusterConfiguration configuration, string node, MemberFiles files) =>
        $"https://{new IPEndPoint(IPAddress.Parse(configuration.Nodes[node].Addresses[0]), files.Port)}";

    private Invitation Invited(ApiRequest request) =>
        invitations.Find(CertificateFingerprint.Of(request.Http.Connection.ClientCertificate!)) ?? throw Problems.NotInvited();

    private static MemberFiles Read(IMemberFiles files, ClusterConfiguration configuration)
    {
        try
        {
            return files.Read(configuration);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw Problems.MemberFilesUnusable(e.Message);
        }
    }
}
