using System.Diagnostics;
using ClusterTools.Agents;
using static ClusterTools.Agents.ResourceOperation;

namespace ClusterTools.RealAgents.Tests.ExclusiveDisk;

/// <summary>
/// The packaged agent sfex, a lock on the shared disk itself, called as the daemon calls it on two nodes: what it keeps apart, and what it
/// leaves to fencing (FEATURES B15).
/// </summary>
public sealed class LockTests : IDisposable
{
    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task A_lock_is_taken_held_given_back_and_taken_by_the_other_node()
    {
        await SharedDisk.RequireAsync();
        await using SharedDisk disk = await SharedDisk.CreateAsync(workshop);
        await using Machine first = await disk.StartNodeAsync("node1");
        await using Machine second = await disk.StartNodeAsync("node2");
        await IsAsync(first, disk, Probe, ResourceStatus.Stopped);
        await IsAsync(first, disk, Stop, ResourceStatus.Stopped);
        await IsAsync(first, disk, Start, ResourceStatus.Running);
        Assert.Equal("node1", await disk.HolderAsync());
        await IsAsync(first, disk, ResourceOperation.Monitor, ResourceStatus.Running);
        await IsAsync(first, disk, Start, ResourceStatus.Running);
        await IsAsync(first, disk, Probe, ResourceStatus.Running);
        await IsAsync(second, disk, Probe, ResourceStatus.Stopped);
        // Given back in good order: the other node need not wait for the lease.
        await IsAsync(first, disk, Stop, ResourceStatus.Stopped);
        Assert.Null(await disk.HolderAsync());
        await IsAsync(first, disk, ResourceOperation.Monitor, ResourceStatus.Stopped);
        await IsAsync(second, disk, Start, ResourceStatus.Running);
        Assert.Equal("node2", await disk.HolderAsync());
        // Its daemon dies: the monitor sees it, the lock on the disk stands, and the same node has it back.
        await second.ShellAsync("pkill -9 -f '[s]fex_daemon -i'; while pgrep -f '[s]fex_daemon -i'; do sleep 0.05; done");
        await IsAsync(second, disk, ResourceOperation.Monitor, ResourceStatus.Stopped);
        Assert.Equal("node2", await disk.HolderAsync());
        await IsAsync(second, disk, Stop, ResourceStatus.Stopped);
        await IsAsync(second, disk, Start, ResourceStatus.Running);
        await IsAsync(second, disk, Stop, ResourceStatus.Stopped);
        Assert.Equal(("", ""), (disk.ResetKey("node1"), disk.ResetKey("node2")));
    }

    [Fact]
    public async Task A_second_node_is_refused_while_the_first_lives_and_served_when_its_lease_has_run_out()
    {
        await SharedDisk.RequireAsync();
        await using SharedDisk disk = await SharedDisk.CreateAsync(workshop);
        await using Machine second = await disk.StartNodeAsync("node2");
        await using (Machine first = await disk.StartNodeAsync("node1"))
        {
            await IsAsync(first, disk, Start, ResourceStatus.Running);
            ResourceResult refused = await second.RunAsync(SharedDisk.Agent, Start, disk.Parameters);
            Assert.False(refused.Success);
            Assert.False(refused.TimedOut, refused.Message);
            Assert.Contains("sfex_daemon failed to start", refused.Message, StringComparison.Ordinal);
            // Why: the agent's own reason is in the system's log alone.
            Assert.Contains($"the lock on {disk.Device} is node1's", refused.Message, StringComparison.Ordinal);
            await IsAsync(second, disk, Stop, ResourceStatus.Stopped);
            // Nothing came of it.
            await IsAsync(second, disk, Probe, ResourceStatus.Stopped);
            await IsAsync(first, disk, ResourceOperation.Monitor, ResourceStatus.Running);
            Assert.Equal("node1", await disk.HolderAsync());
        }

        // The power of node1 is off. Nobody has given the lock back.
        Assert.Equal("node1", await disk.HolderAsync());
        long began = Stopwatch.GetTimestamp();
        await IsAsync(second, disk, Start, ResourceStatus.Running);
        // How soon at the earliest, which no load of the machine changes.
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        Assert.True(
            took >= TimeSpan.FromSeconds(SharedDisk.LockTimeout + SharedDisk.CollisionTimeout),
            $"The lock of a dead node was taken after {took}, before its lease had run out.");
        Assert.Equal("node2", await disk.HolderAsync());
        // Node1 comes back, and is refused in its turn.
        await using Machine back = await disk.StartNodeAsync("node1");
        await IsAsync(back, disk, Probe, ResourceStatus.Stopped);
        ResourceResult late = await back.RunAsync(SharedDisk.Agent, Start, disk.Parameters);
        Assert.False(late.Success);
        Assert.Contains($"the lock on {disk.Device} is node2's", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_whose_limit_is_shorter_than_the_lease_can_never_take_over_and_says_who_holds_the_lock()
    {
        await SharedDisk.RequireAsync();
        await using SharedDisk disk = await SharedDisk.CreateAsync(workshop);
        await using (Machine first = await disk.StartNodeAsync("node1"))
        {
            await IsAsync(first, disk, Start, ResourceStatus.Running);
        }

        await using Machine second = await disk.StartNodeAsync("node2");
        ResourceResult result =
            await second.RunAsync(SharedDisk.Agent, Start, disk.Parameters, TimeSpan.FromSeconds(SharedDisk.LockTimeout / 2));
        Assert.True(result.TimedOut, result.Message);
        Assert.Contains($"the lock on {disk.Device} is node1's", result.Message, StringComparison.Ordinal);
        // Nothing is left that would take the lock later, behind the cluster's back.
        await IsAsync(second, disk, Stop, ResourceStatus.Stopped);
        Assert.Equal("", await second.ShellAsync("pgrep -f '[s]fex_daemon -i' || :"));
        Assert.Equal("node1", await disk.HolderAsync());
    }

    [Fact]
    public async Task A_node_that_slept_over_its_lease_goes_on_writing_until_its_next_renewal_and_then_resets_itself()
    {
        await SharedDisk.RequireAsync();
        await using SharedDisk disk = await SharedDisk.CreateAsync(workshop);
        await using Machine first = await disk.StartNodeAsync("node1");
        await using Machine second = await disk.StartNodeAsync("node2");
        await IsAsync(first, disk, Start, ResourceStatus.Running);
        await first.ShellAsync("pkill -STOP -f '[s]fex_daemon -i'");
        await IsAsync(second, disk, Start, ResourceStatus.Running);
        Assert.Equal("node2", await disk.HolderAsync());
        // The agent looks for its process alone: node1 still believes, and what it runs on the disk is stopped by nothing. Fencing's to
        // prevent.
        await IsAsync(first, disk, ResourceOperation.Monitor, ResourceStatus.Running);
        Assert.Equal("", disk.ResetKey("node1"));
        await first.ShellAsync("pkill -CONT -f '[s]fex_daemon -i'");
        // On a real machine that is a reset at once, without a word to the disks.
        await Shell.UntilAsync(() => disk.ResetKey("node1") == "b\n", () => "sfex_daemon of node1 sees that it has lost the lock");
        await first.ShellAsync("while pgrep -f '[s]fex_daemon -i'; do sleep 0.05; done");
        await IsAsync(first, disk, ResourceOperation.Monitor, ResourceStatus.Stopped);
        // Who holds it is not disturbed.
        await IsAsync(second, disk, ResourceOperation.Monitor, ResourceStatus.Running);
        Assert.Equal("node2", await disk.HolderAsync());
        Assert.Equal("", disk.ResetKey("node2"));
    }

    [Fact]
    public async Task A_disk_without_locks_on_it_is_refused()
    {
        await SharedDisk.RequireAsync();
        await using SharedDisk disk = await SharedDisk.CreateAsync(workshop);
        await Shell.RunAsync($"dd if=/dev/zero of={disk.Device} bs=512 count=1 conv=fsync 2>&1");
        await using Machine machine = await disk.StartNodeAsync("node1");
        ResourceResult result = await machine.RunAsync(SharedDisk.Agent, Start, disk.Parameters);
        Assert.False(result.Success);
        Assert.Contains("sfex_daemon failed to start", result.Message, StringComparison.Ordinal);
        Assert.Contains($"sfex_stat {disk.Device} returned", result.Message, StringComparison.Ordinal);
        await IsAsync(machine, disk, Stop, ResourceStatus.Stopped);
    }

    [Theory]
    [InlineData("sg_persist", "devs")]
    [InlineData("mpathpersist", "devs")]
    public async Task Reservations_are_refused_where_there_are_none_and_nothing_counts_as_running(string type, string parameter)
    {
        // There is no SCSI device here: that these agents reserve is not tested.
        await SharedDisk.RequireAsync();
        await Premises.RequireAsync(type);
        await using SharedDisk disk = await SharedDisk.CreateAsync(workshop);
        await using Machine machine = await disk.StartNodeAsync("node1");
        var parameters = disk.Parameters.Clear().Add(parameter, disk.Device);
        ResourceResult probe = await machine.RunAsync($"ocf:heartbeat:{type}", Probe, parameters);
        Assert.NotEqual(ResourceStatus.Running, probe.Status);
        ResourceResult start = await machine.RunAsync($"ocf:heartbeat:{type}", Start, parameters);
        Assert.False(start.Success);
        TestContext.Current.TestOutputHelper?.WriteLine($"{probe.Status}: {probe.Message}\n{start.Message}");
    }

    private static async Task IsAsync(Machine machine, SharedDisk disk, ResourceOperation operation, ResourceStatus status)
    {
        ResourceResult result = await machine.RunAsync(SharedDisk.Agent, operation, disk.Parameters);
        Assert.True(result.Status == status
            && !result.TimedOut, $"{operation} was to give {status} and gave {result.Status}: {result.Message}");
        Assert.True(result.Success || operation is Probe or ResourceOperation.Monitor, result.Message);
    }
}
