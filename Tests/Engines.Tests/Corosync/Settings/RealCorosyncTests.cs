using System.Diagnostics;
using ClusterTools.Engines.Corosync.Settings;

namespace ClusterTools.Engines.Tests.Corosync.Settings;

/// <summary>
/// What corosync itself says of the files (corosync -t). It looks at all but the rules of quorum, which only a corosync that starts checks;
/// and it wants to find this machine in the list.
/// </summary>
public sealed class RealCorosyncTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly string? Program =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
        .Select(folder => Path.Combine(folder, "corosync")).FirstOrDefault(File.Exists);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Corosync_takes_what_is_written()
    {
        CorosyncSettings two = Here(2, links: 2);
        CorosyncSettings[] all =
        [
            Here(1), two, Here(3), Here(5, links: 2), Here(2, six: true), Here(3, links: 8, six: true),
            Here(3) with { Timing = CorosyncTiming.Lan, CryptoModel = CorosyncCryptoModel.Nss },
            Here(3) with
            {
                Timing = new()
                {
                    Token = CorosyncCheck.MinToken, TokenCoefficient = 0, Retransmits = 5, Consensus = 240, Hold = 14, QuietRounds = 1,
                },
            },
            two with { Links = [new() { Number = 1, Priority = 255, PingInterval = 100, PingTimeout = 200, Port = 5500 }] },
            two with { Nodes = two.Nodes.SetItem(1, two.Nodes[1] with { Id = CorosyncCheck.MaxId, Votes = 0 }), TwoNode = false },
            two with { LogFile = Path.Combine(folder.Path, "a.log"), LogToSyslog = false },
            Here(3) with { LastManStanding = true, WaitForAll = true, LastManStandingWindow = 20_000 },
            two.WithDevice(SettingsSamples.Arbiter with { Tls = CorosyncDeviceTls.Required, Timeout = 9000, SyncTimeout = 20_000 }),
            two.WithDevice(new CorosyncNetDevice { Host = "192.0.2.9", Algorithm = CorosyncDeviceAlgorithm.Lms }),
            two.WithDevice(new CorosyncProgramDevice("clustertools-disk") { Votes = 1 }),
            two.WithDevice(SettingsSamples.Arbiter).WithNode("c", ["10.1.0.3", "10.1.1.3"]).WithTiming(CorosyncTiming.Lan).WithoutNode("b"),
        ];
        foreach (CorosyncSettings settings in all)
        {
            Assert.DoesNotContain(CorosyncCheck.Problems(settings), problem => problem.Severity == CorosyncProblemSeverity.Error);
            (int code, string said) = await AskAsync(CorosyncFile.Write(settings));
            Assert.True(code == 0, $"{said}\n{CorosyncFile.Write(settings)}");
        }
    }

    [Fact]
    public async Task Corosync_refuses_what_the_check_refuses()
    {
        CorosyncSettings three = Here(3, links: 2);
        CorosyncNode last = three.Nodes[2];
        (string Place, string Said, CorosyncSettings Settings)[] all =
        [
            ("nodelist.node.2.nodeid", "appears twice", With(last with { Id = 2 })),
            ("nodelist.node.2.nodeid", "less than 65536", With(last with { Id = CorosyncCheck.MaxId + 1 })),
            ("nodelist.node.2.nodeid", "explicit nodeid", With(last with { Id = 0 })),
            ("nodelist.node.2.ring1_addr", "same number of links", With(last with { Addresses = ["10.1.0.3"] })),
            ("nodelist.node.2.ring0_addr", "different IP families", With(last with { Addresses = ["fd00::3", "10.1.1.3"] })),
            ("nodelist.node.2.ring0_addr", "failed to parse", With(last with { Addresses = ["10.1.0.300", "10.1.1.3"] })),
            ("totem.interface.2", "same number of links", three with { Links = [new() { Number = 2, Priority = 1 }] }),
            ("nodelist", "bigger than allowed", Here(3, links: 9)),
            ("totem.token", "token", three with { Timing = new() { Token = 125, TokenCoefficient = 0 } }),
            ("totem.token_retransmits_before_loss_const", "token", three with { Timing = CorosyncTiming.Lan with { Retransmits = 10 } }),
            ("totem.hold", "token hold timeout", three with { Timing = CorosyncTiming.Lan with { Hold = 13 } }),
            ("totem.interface.0.knet_link_priority", "knet_link_priority", three with { Links = [new() { Number = 0, Priority = 256 }] }),
        ];
        foreach ((string place, string expected, CorosyncSettings settings) in all)
        {
            Assert.Contains(
                CorosyncCheck.Problems(settings), problem => problem.Severity == CorosyncProblemSeverity.Error && problem.Place == place);
            // What is written has no errors, so this goes around it.
            (int code, string said) = await AskAsync(CorosyncWriter.Text(settings));
            Assert.True(code != 0 && said.Contains(expected, StringComparison.Ordinal), $"{place}: {code} {said}");
        }

        CorosyncSettings With(CorosyncNode node) => three with { Nodes = three.Nodes.SetItem(2, node) };
    }

    [Theory]
    [InlineData(AuthKey.MinLength - 1, false)]
    [InlineData(AuthKey.MinLength, true)]
    [InlineData(AuthKey.MaxLength, true)]
    public async Task Corosync_takes_keys_as_long_as_are_taken_here(int length, bool isTaken)
    {
        (int code, string said) = await AskAsync(CorosyncFile.Write(Here(1)), new byte[length]);
        Assert.True(isTaken == (code == 0), said);
    }

    private CorosyncSettings Here(int nodes, int links = 1, bool six = false) =>
        SettingsSamples.Plain(nodes, links, six, Environment.MachineName) with { KeyFile = Path.Combine(folder.Path, "authkey") };

    private async Task<(int Code, string Said)> AskAsync(string text, byte[]? key = null)
    {
        Assert.SkipWhen(Program is null, "COROSYNC IS NOT INSTALLED: whether it takes the files that are written for it is NOT TESTED.");
        string file = Path.Combine(folder.Path, "corosync.conf");
        await File.WriteAllTextAsync(file, text);
        string keyFile = Path.Combine(folder.Path, "authkey");
        if (key is null)
        {
            CorosyncFiles.WriteKey(keyFile, AuthKey.Create());
        }
        else
        {
            await File.WriteAllBytesAsync(keyFile, key);
        }

        using var process = Process.Start(new ProcessStartInfo(Program!, ["-t", "-c", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return (process.ExitCode, await output + await errors);
    }
}
