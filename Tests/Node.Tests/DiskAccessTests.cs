using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing;
using Xunit;

namespace ClusterTools.Node.Tests;

/// <summary>What was taken from a node at its disks: it gives that back to itself once between two boots.</summary>
public sealed class DiskAccessTests : IDisposable
{
    private static readonly ClusterConfiguration Keys = With("fence_scsi");

    private static ClusterConfiguration With(string agent) => new()
    {
        Name = "shop",
        FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add("keys", new FenceDevice { Name = "keys", Agent = agent }),
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
    private bool opens = true;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_key_that_was_taken_away_is_not_registered_again_before_the_next_boot()
    {
        using (DiskAccess first = New())
        {
            Assert.Null(await WhyAsync(first));
            Assert.True(registered);
            Assert.Null(await WhyAsync(first));
            registered = false;
            Assert.Contains("Boot it", await WhyAsync(first), StringComparison.Ordinal);
        }

        using DiskAccess restarted = New();
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
        using DiskAccess keys = New();
        reachable = false;
        Assert.Contains("could not be registered", await WhyAsync(keys), StringComparison.Ordinal);
        Assert.NotNull(await WhyAsync(keys));
        Assert.Single(said);
        reachable = true;
        Assert.Null(await WhyAsync(keys));
        reachable = false;
        Assert.Contains("does not say", await WhyAsync(keys), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fence_brocade")]
    [InlineData("/usr/sbin/fence_ifmib")]
    [InlineData("fence_by_its_own_words")]
    public async Task A_port_in_the_fabric_is_opened_once_between_two_boots_and_a_switch_that_is_not_reached_takes_nothing(string agent)
    {
        ClusterConfiguration fabric = With(agent);
        using (DiskAccess disks = New())
        {
            Assert.Null(await WhyAsync(disks, fabric));
            Assert.True(registered);
            Assert.Null(await WhyAsync(disks, fabric));
            registered = false;
            Assert.Contains("Boot it", await WhyAsync(disks, fabric), StringComparison.Ordinal);
        }

        using DiskAccess restarted = New();
        Assert.Contains("Boot it", await WhyAsync(restarted, fabric), StringComparison.Ordinal);
        reachable = false;
        Assert.Null(await WhyAsync(restarted, fabric));
        Assert.Null(await WhyAsync(restarted, fabric));
        Assert.Single(said, static text => text.Contains("is not known", StringComparison.Ordinal));
        Assert.Single(asked, static operation => operation == FenceOperation.On);
    }

    [Fact]
    public async Task A_port_of_which_nothing_was_known_at_the_first_look_may_have_been_closed_since()
    {
        using DiskAccess disks = New();
        reachable = false;
        Assert.Null(await WhyAsync(disks, With("fence_ifmib")));
        reachable = true;
        Assert.Contains("Boot it", await WhyAsync(disks, With("fence_ifmib")), StringComparison.Ordinal);
        Assert.DoesNotContain(FenceOperation.On, asked);
    }

    [Fact]
    public async Task A_port_that_could_not_be_opened_is_tried_again()
    {
        using DiskAccess disks = New();
        opens = false;
        Assert.Contains("could not be opened", await WhyAsync(disks, With("fence_ifmib")), StringComparison.Ordinal);
        opens = true;
        Assert.Null(await WhyAsync(disks, With("fence_ifmib")));
        Assert.True(registered);
    }

    [Fact]
    public async Task Of_a_power_switch_nothing_is_asked_and_who_fences_by_a_fabric_needs_no_port_of_his_own()
    {
        using DiskAccess disks = New();
        Assert.Null(await WhyAsync(disks, With("fence_ipmilan")));
        Assert.Null(await disks.WhyNoProofAsync(With("fence_brocade"), "keys"));
        Assert.Empty(asked);
    }

    [Fact]
    public async Task Who_has_no_key_of_his_own_proves_nothing_by_taking_away_another_ones()
    {
        using DiskAccess keys = New();
        Assert.NotNull(await keys.WhyNoProofAsync(Keys, "keys"));
        Assert.Null(await WhyAsync(keys));
        Assert.Null(await keys.WhyNoProofAsync(Keys, "keys"));
        Assert.Null(await keys.WhyNoProofAsync(Keys, "power"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task<string?> WhyAsync(DiskAccess disks, ClusterConfiguration? configuration = null) =>
        disks.WhyNoneAsync(configuration ?? Keys, Cancel);

    private DiskAccess New() => new(
        "n1", folder, agent => Task.FromResult(StorageAgents.Is(agent) || agent == "fence_by_its_own_words"), CallAsync,
        (_, text) => said.Add(text));

    private Task<FenceResult> CallAsync(
        ClusterConfiguration configuration, FenceStep step, FenceDevice device, FenceOperation operation)
    {
        asked.Add(operation);
        bool isRefused = !reachable || (!opens && operation == FenceOperation.On);
        registered |= !isRefused && operation == FenceOperation.On;
        int exitCode = isRefused ? 1 : registered ? 0 : 2;
        return Task.FromResult(new FenceResult
        {
            ActionId = "", Success = exitCode != 1, ExitCode = exitCode, Message = reachable ? "answered" : "no such device",
        });
    }
}
