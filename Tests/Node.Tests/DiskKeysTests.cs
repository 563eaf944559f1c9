using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing;
using Xunit;

namespace ClusterTools.Node.Tests;

/// <summary>A node's own keys on disks: registered once between two boots.</summary>
public sealed class DiskKeysTests : IDisposable
{
    private static readonly ClusterConfiguration Configuration = new()
    {
        Name = "shop",
        FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add("keys", new FenceDevice { Name = "keys", Agent = "fence_scsi" }),
        Nodes = ClusterConfiguration.Sorted<NodeConfiguration>().Add("n1", new NodeConfiguration
        {
            Name = "n1", Id = 1,
            FenceMethods = [new FenceMethod { Name = "storage", Steps = [new FenceStep { Device = "keys" }] }],
        }),
    };

    private readonly string folder = Directory.CreateTempSubdirectory("clusterd-test-").FullName;
    private readonly List<FenceOperation> asked = [];
    private readonly List<string> said = [];
    private bool registered;
    private bool reachable = true;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_key_that_was_taken_away_is_not_registered_again_before_the_next_boot()
    {
        using (DiskKeys first = New())
        {
            Assert.Null(await WhyAsync(first));
            Assert.True(registered);
            Assert.Null(await WhyAsync(first));
            registered = false;
            Assert.Contains("Boot it", await WhyAsync(first), StringComparison.Ordinal);
        }

        using DiskKeys restarted = New();
        Assert.Contains("Boot it", await WhyAsync(restarted), StringComparison.Ordinal);
        Assert.False(registered);
        Assert.Single(asked, static operation => operation == FenceOperation.On);

        string file = Path.Combine(folder, "disk-keys");
        await File.WriteAllLinesAsync(
            file, ["another boot", .. (await File.ReadAllLinesAsync(file, Cancel)).Skip(1)], Cancel);
        Assert.Null(await WhyAsync(restarted));
        Assert.True(registered);
    }

    [Fact]
    public async Task A_disk_that_does_not_answer_is_tried_again_and_told_of_once()
    {
        using DiskKeys keys = New();
        reachable = false;
        Assert.Contains("could not be registered", await WhyAsync(keys), StringComparison.Ordinal);
        Assert.NotNull(await WhyAsync(keys));
        Assert.Single(said);
        reachable = true;
        Assert.Null(await WhyAsync(keys));
        reachable = false;
        Assert.Contains("does not say", await WhyAsync(keys), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_no_key_of_his_own_proves_nothing_by_taking_away_another_ones()
    {
        using DiskKeys keys = New();
        Assert.NotNull(await keys.WhyNoProofAsync(Configuration, "keys"));
        Assert.Null(await WhyAsync(keys));
        Assert.Null(await keys.WhyNoProofAsync(Configuration, "keys"));
        Assert.Null(await keys.WhyNoProofAsync(Configuration, "power"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task<string?> WhyAsync(DiskKeys keys) => keys.WhyNoneAsync(Configuration, Cancel);

    private DiskKeys New() => new("n1", folder, CallAsync, (_, text) => said.Add(text));

    private Task<FenceResult> CallAsync(
        ClusterConfiguration configuration, FenceStep step, FenceDevice device, FenceOperation operation)
    {
        asked.Add(operation);
        registered |= reachable && operation == FenceOperation.On;
        int exitCode = !reachable ? 1 : registered ? 0 : 2;
        return Task.FromResult(new FenceResult
        {
            ActionId = "", Success = exitCode != 1, ExitCode = exitCode, Message = reachable ? "answered" : "no such device",
        });
    }
}
