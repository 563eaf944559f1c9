using System.CommandLine;
using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTools.Agents;
using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Contract;
using ClusterTools.Engines.Corosync.Settings;
using ClusterTools.Host.Corosync;
using ClusterTools.Lab;
using ClusterTools.Node;

namespace ClusterTools.Host.Commands;

/// <summary><c>clusterd join</c>: makes this machine a node of a cluster.</summary>
internal static class JoinCommand
{
    private const string FromInput = "-";

    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static Command Create()
    {
        var token = new Argument<string>("token")
        {
            Description = "As Add-ClusterNode or 'clusterd invite' gave it; '-' reads it from standard input.",
        };
        var state = new Option<string>("--state")
        {
            Description = "The state folder that is made.",
            HelpName = "DIR",
            DefaultValueFactory = _ => MachineStart.UsualState,
        };
        var command = new Command(
            "join", "Make this machine a node of a cluster: fetch what it needs, install and start corosync, start the daemon.")
        {
            token, state,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            FileStatus.KeepToOwner();
            string given = parsed.GetRequiredValue(token);
            JoinToken read = JoinToken.Read(
                given == FromInput ? await Console.In.ReadToEndAsync(cancel).ConfigureAwait(false) : given);
            return await JoinAsync(read, Path.GetFullPath(parsed.GetRequiredValue(state)), cancel).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> JoinAsync(JoinToken token, string state, CancellationToken cancel)
    {
        MachineStart.Check();
        if (File.Exists(Path.Combine(state, NodeSettings.FileName)))
        {
            throw new InvalidDataException(
                $"This machine is a node already: {state} has its settings. Move that folder away first, or give another with --state.");
        }

        CheckAddresses(token);
        await CorosyncMachine.InstallAsync(Console.Out.WriteLine, cancel).ConfigureAwait(false);
        using ClusterClient client = Client(token);
        JoinPacket packet = await client.JoinAsync(cancel).ConfigureAwait(false);
        Console.Out.WriteLine($"{packet.Node} is invited to cluster '{packet.Cluster}'.");
        if (packet.FunctionalLevel > Core.Cluster.FunctionalLevel)
        {
            throw new InvalidDataException(
                $"Cluster '{packet.Cluster}' acts by functional level {packet.FunctionalLevel}, and this clusterd knows levels up to "
                    + $"{Core.Cluster.FunctionalLevel}: nothing was written here. Install the version that its nodes run, and make a new "
                    + "token.");
        }

        CorosyncSettings settings = Read(packet);
        Write(packet, token, state);
        await MachineStart.RunAsync(
            state, settings, new AuthKey(Convert.FromBase64String(packet.CorosyncKey)), Console.Out.WriteLine, cancel)
            .ConfigureAwait(false);
        return await WaitAsync(client, packet, cancel).ConfigureAwait(false);
    }

    private static ClusterClient Client(JoinToken token)
    {
        using var key = ECDsa.Create();
        X509Certificate2 certificate;
        try
        {
            key.ImportPkcs8PrivateKey(token.Key, out _);
            using X509Certificate2 shown = X509CertificateLoader.LoadCertificate(token.Certificate);
            certificate = shown.CopyWithPrivateKey(key);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"The join token can't be used: {e.Message} Make a new one.", e);
        }

        return new ClusterClient(
            [token.Server], X509CertificateLoader.LoadCertificate(token.Authority), certificate, WireJson.Default);
    }

    /// <summary>Before the token is used.</summary>
    private static void CheckAddresses(JoinToken token)
    {
        IPAddress[] here =
        [
            .. NetworkInterface.GetAllNetworkInterfaces().SelectMany(static i => i.GetIPProperties().UnicastAddresses)
                .Select(static a => a.Address),
        ];
        string[] missing = [.. token.Addresses.Split(',').Where(a => IPAddress.TryParse(a, out IPAddress? ip) && !here.Contains(ip))];
        if (missing.Length > 0)
        {
            throw new InvalidDataException(
                $"This machine does not have the address {string.Join(", ", missing)} that {token.Node} was invited with. "
                    + "Give it that address, or invite it with those that it has; this token was not used.");
        }
    }

    private static CorosyncSettings Read(JoinPacket packet)
    {
        CorosyncReading reading = CorosyncFile.Read(packet.CorosyncConfiguration, "the cluster's corosync.conf");
        return reading.Settings ?? throw new InvalidDataException(string.Join(" ", reading.Problems.Take(3)));
    }

    private static void Write(JoinPacket packet, JoinToken token, string state)
    {
        PrivateFolder.Claim(state);
        var settings = new NodeSettings
        {
            Node = packet.Node,
            Cluster = packet.Cluster,
            Engine = NodeEngine.Corosync,
            EngineFolder = "engine",
            Token = packet.Token,
            Listen = [packet.Listen],
        };
        using X509Certificate2 certificate = X509Certificate2.CreateFromEncryptedPem(
            packet.Certificate, packet.Certificate, token.Password);
        PrivateFile.Write(
            Path.Combine(state, settings.Certificate),
            certificate.ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, null));
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificate(token.Authority);
        PrivateFile.Write(
            Path.Combine(state, settings.Authority), System.Text.Encoding.ASCII.GetBytes(authority.ExportCertificatePem() + "\n"));
        new NewNode(state, settings, []).WriteSettings();
    }

    /// <summary>Until it takes part with its votes; says how far it has come.</summary>
    private static async Task<int> WaitAsync(ClusterClient client, JoinPacket packet, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit);
        JoinPhase said = JoinPhase.Invited;
        try
        {
            while (true)
            {
                JoinProgress progress = await client.GetJoinProgressAsync(limit.Token).ConfigureAwait(false);
                // That it takes part is told with its votes, which come at once.
                if (progress.Phase != said && progress.Phase != JoinPhase.Online)
                {
                    said = progress.Phase;
                    (said == JoinPhase.Failed ? Console.Error : Console.Out).WriteLine(progress.Message);
                }

                if (said is JoinPhase.Joined or JoinPhase.Failed)
                {
                    return said == JoinPhase.Joined ? ExitCode.Success : ExitCode.Failure;
                }

                await Task.Delay(AskAgain, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            Console.Error.WriteLine(
                $"clusterd: {packet.Node} does not take part after {Limit.TotalMinutes:0} minutes. Look at its links "
                    + "(corosync-cfgtool -s) and at what its daemon says; it joins by itself once it can.");
            return ExitCode.Failure;
        }
    }
}
