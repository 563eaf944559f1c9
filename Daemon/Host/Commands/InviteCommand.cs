using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Host.Commands;

/// <summary><c>clusterd invite</c>: a token by which one machine may join, once and soon.</summary>
internal static class InviteCommand
{
    // Clocks of machines differ; the member that keeps the invitation ends it by its own.
    private static readonly TimeSpan CertificateLife = TimeSpan.FromDays(2);
    private const int PasswordBytes = 32;
    private const int UsualMinutes = 15;

    // The password is random: rounds add nothing to it.
    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);

    public static Command Create()
    {
        var node = new Argument<string>("node") { Description = "The name that the machine will have in the cluster." };
        var address = new Option<string>("--address")
        {
            Description = "Its IP address; with several networks one for each, in the order of the others' addresses.",
            Required = true,
            HelpName = "IP[,IP…]",
        };
        var votes = new Option<int>("--votes") { Description = "Votes that it gets once it takes part.", DefaultValueFactory = _ => 1 };
        var minutes = new Option<int>("--minutes")
        {
            Description = "How long the token is good for.",
            DefaultValueFactory = _ => UsualMinutes,
        };
        var context = new Option<string?>("--context")
        {
            Description = "The administrator's client context file, beside ca.pem and ca.key.pem; the user's own when left out.",
            HelpName = "FILE",
        };
        var authority = new Option<string?>("--authority")
        {
            Description = "The folder of ca.pem and ca.key.pem; that of the context file when left out.",
            HelpName = "DIR",
        };
        var command = new Command("invite", "Print a token by which one machine can join the cluster: once, and soon.")
        {
            node, address, votes, minutes, context, authority,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            string path = parsed.GetValue(context) ?? ContextFile.DefaultPath;
            (JoinToken token, NodeInvitation invitation) = await InviteAsync(
                parsed.GetRequiredValue(node), Addresses(parsed.GetRequiredValue(address)), parsed.GetValue(votes),
                parsed.GetValue(minutes) * 60, path, parsed.GetValue(authority) ?? Path.GetDirectoryName(Path.GetFullPath(path))!, cancel)
                .ConfigureAwait(false);
            Console.Error.WriteLine(
                $"Until {invitation.Expires:yyyy-MM-dd HH:mm:ss} UTC, once, as root on {invitation.Node}: clusterd join TOKEN. The token:");
            Console.Out.WriteLine(token);
            return ExitCode.Success;
        });
        return command;
    }

    private static string[] Addresses(string given)
    {
        string[] addresses = given.Split(',', StringSplitOptions.TrimEntries);
        return Array.Find(addresses, a => !IPAddress.TryParse(a, out _)) is { } wrong
            ? throw new InvalidDataException($"--address: '{wrong}' is not an IP address.")
            : addresses;
    }

    private static async Task<(JoinToken Token, NodeInvitation Invitation)> InviteAsync(
        string node, string[] addresses, int votes, int seconds, string context, string authorityFolder, CancellationToken cancel)
    {
        using ClusterAuthority authority = ClusterAuthority.Load(authorityFolder);
        using IssuedCertificate join = authority.IssueUser($"join {node}", CertificateLife);
        using IssuedCertificate own = authority.IssueNode(node, addresses);
        using ECDsa key = own.Certificate.GetECDsaPrivateKey()!;
        using ECDsa joinKey = join.Certificate.GetECDsaPrivateKey()!;
        string password = Convert.ToBase64String(RandomNumberGenerator.GetBytes(PasswordBytes));
        using ClusterClient client = ClusterClient.FromContext(context, null, WireJson.Default);
        NodeInvitation invitation = await client.InviteAsync(
            node,
            new NodeInvitationRequest
            {
                Addresses = addresses,
                Votes = votes,
                ValidSeconds = seconds,
                Fingerprint = join.Fingerprint,
                Certificate = own.Certificate.ExportCertificatePem() + "\n" + key.ExportEncryptedPkcs8PrivateKeyPem(password, Encryption),
            },
            cancel).ConfigureAwait(false);
        ClientContexts contexts = ContextFile.Read(context, WireJson.Default);
        ContextFile.AddServer(ContextFile.Find(context, contexts, null), addresses[0], new Uri(invitation.Server).Port);
        ContextFile.Write(context, contexts, WireJson.Default);
        using X509Certificate2 ca = authority.Certificate;
        return (
            new JoinToken
            {
                Server = invitation.Server,
                Node = node,
                Addresses = string.Join(',', addresses),
                Authority = ca.RawData,
                Certificate = join.Certificate.RawData,
                Key = joinKey.ExportPkcs8PrivateKey(),
                Password = password,
            },
            invitation);
    }
}
