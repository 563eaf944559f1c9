using ClusterTools.Host.Daemon;

namespace ClusterTools.Lab.Tests;

/// <summary>What systemd says of its jobs is understood: the machine goes down, or only a service is stopped.</summary>
public sealed class SystemShutdownTests
{
    private const string Reboot = """
         935 reboot.target           start waiting
         940 shutdown.target         start waiting
         1012 clusterd.service       stop  running
         1013 corosync.service       stop  waiting
        """;

    [Theory]
    [InlineData(Reboot, true)]
    [InlineData("1012 clusterd.service stop running\n1013 corosync.service stop waiting\n", false)]
    [InlineData("No jobs running.\n", false)]
    [InlineData("", false)]
    // A shutdown that was taken back, and a unit with such a name.
    [InlineData("940 shutdown.target stop waiting\n941 my-shutdown.target start waiting\n", false)]
    public void The_machine_goes_down_when_its_last_target_is_queued(string jobs, bool expected) =>
        Assert.Equal(expected, SystemShutdown.IsQueued(jobs));

    [Fact]
    public async Task The_unit_ends_before_all_that_its_groups_need_and_has_time_for_it()
    {
        string[] unit = await File.ReadAllLinesAsync(
            Path.Combine(AppContext.BaseDirectory, "clusterd.service"), TestContext.Current.CancellationToken);
        const string key = "After=";
        string[] after = [.. unit.Where(l => l.StartsWith(key, StringComparison.Ordinal)).SelectMany(l => l[key.Length..].Split(' '))];
        Assert.Contains("network-online.target", after);
        Assert.Contains("corosync.service", after);
        Assert.Contains("remote-fs.target", after);
        Assert.Contains("open-iscsi.service", after);
        Assert.Contains("libvirtd.service", after);
        Assert.Contains("TimeoutStopSec=15min", unit);
        // It would take the unit out of the shutdown, which stops what conflicts with it.
        Assert.DoesNotContain(unit, l => l.StartsWith("DefaultDependencies=", StringComparison.Ordinal));
        Assert.DoesNotContain(unit, l => l.StartsWith("ExecStop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_program_is_asked_and_what_is_not_known_is_said()
    {
        using var folder = new TemporaryFolder();
        string asked = Path.Combine(folder.Path, "asked");
        Assert.Equal(
            (true, null), await SystemShutdown.AskAsync(Script("goes", $"echo \"$*\" > {asked}; echo '7 shutdown.target start waiting'")));
        Assert.Equal(
            "--no-pager --no-legend list-jobs\n", await File.ReadAllTextAsync(asked, TestContext.Current.CancellationToken));
        Assert.Equal((false, null), await SystemShutdown.AskAsync(Script("stays", "echo '7 clusterd.service stop running'")));
        (bool? underWay, string? why) = await SystemShutdown.AskAsync(Script("fails", "echo 'Failed to connect to bus' >&2; exit 1"));
        Assert.Null(underWay);
        Assert.Contains("returned 1: Failed to connect to bus", why, StringComparison.Ordinal);
        (underWay, why) = await SystemShutdown.AskAsync(Path.Combine(folder.Path, "missing"));
        Assert.Null(underWay);
        Assert.NotNull(why);

        string Script(string name, string body)
        {
            string file = folder.Write(name, $"#!/bin/sh\n{body}\n");
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return file;
        }
    }
}
