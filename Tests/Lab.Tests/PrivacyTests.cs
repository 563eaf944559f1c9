using System.Diagnostics;
using ClusterTools.Agents;
using ClusterTools.Contract;
using Microsoft.Data.Sqlite;

namespace ClusterTools.Lab.Tests;

/// <summary>Nobody else reads, writes or holds up what a node keeps, and a lab trusts nobody else's folders and processes.</summary>
public sealed class PrivacyTests
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    private const UnixFileMode Mode0755 =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly string Webshop = Path.Combine(AppContext.BaseDirectory, "webshop.conf");

    [Fact]
    public async Task Everything_that_a_lab_and_its_daemons_write_is_their_users_alone()
    {
        await using TestLab lab = await TestLab.StartAsync();
        string top = Path.GetDirectoryName(lab.StateFolder("node1"))!;
        string[] open =
        [
            .. Directory.EnumerateFileSystemEntries(top, "*", SearchOption.AllDirectories).Prepend(top)
                .Where(p => !p.Contains("/run/", StringComparison.Ordinal) && ModeOf(p) is { } mode && (mode & Others) != 0),
        ];
        Assert.Empty(open);
        Assert.True(File.Exists(Path.Combine(top, ".engine", "log.db")));
    }

    [Fact]
    public async Task A_daemon_does_not_start_with_a_state_folder_that_others_may_enter()
    {
        using var folder = new TemporaryFolder();
        string state = folder.In("state");
        Assert.Equal(0, (await Clusterd.RunAsync("init", "--config", Webshop, "--state", state, "--node", "node1")).ExitCode);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(state) & Others);
        File.SetUnixFileMode(state, Mode0755);
        ClusterdResult refused = await Clusterd.RunAsync("run", "--state", state);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("mode 0755", refused.Error, StringComparison.Ordinal);
        Assert.Contains($"chmod -R go= '{state}'", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Error, StringComparison.Ordinal);

        File.SetUnixFileMode(state, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.SetUnixFileMode(Path.Combine(state, "node.json"), Mode0755 | UnixFileMode.GroupWrite);
        refused = await Clusterd.RunAsync("run", "--state", state);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"chmod go= '{Path.Combine(state, "node.json")}'", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_that_does_not_fit_the_nodes_certificate_is_told()
    {
        using var folder = new TemporaryFolder();
        string state = folder.In("state");
        string other = folder.In("other");
        foreach (string made in (string[])[state, other])
        {
            Assert.Equal(
                0,
                (
                    await Clusterd.RunAsync(
                        "init", "--config", Webshop, "--state", made, "--node", "node1", "--base-port",
                        $"{LabCluster.FreePorts(1)[0]}")).ExitCode);
        }

        File.Copy(Path.Combine(other, "ca.pem"), Path.Combine(state, "ca.pem"), overwrite: true);
        using Process daemon = Clusterd.Start("run", "--state", state);
        try
        {
            string? line;
            do
            {
                line = await daemon.StandardOutput.ReadLineAsync().WaitAsync(TestLab.Limit);
                Assert.NotNull(line);
            }
            while (!line.Contains("daemon.certificate", StringComparison.Ordinal));

            Assert.Contains("does not fit the authority in ca.pem", line, StringComparison.Ordinal);
        }
        finally
        {
            daemon.Kill(entireProcessTree: true);
            await daemon.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task A_lab_is_not_made_in_a_folder_of_somebody_elses_nor_through_a_link()
    {
        using var folder = new TemporaryFolder();
        string foreign = Foreign(folder);
        ClusterdResult refused = await Clusterd.RunAsync("lab", "--nodes", "1", "--folder", foreign);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("belongs to", refused.Error, StringComparison.Ordinal);

        string real = folder.In("real");
        Directory.CreateDirectory(real);
        string link = folder.In("link");
        File.CreateSymbolicLink(link, real);
        refused = await Clusterd.RunAsync("lab", "--nodes", "1", "--folder", link);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("is a link", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(real));
    }

    [Fact]
    public async Task What_a_lab_folder_of_somebody_elses_says_is_not_acted_on()
    {
        using var folder = new TemporaryFolder();
        string foreign = Foreign(folder);
        foreach (string act in (string[])["kill", "stall", "resume", "revive"])
        {
            ClusterdResult refused = await Clusterd.RunAsync("lab", act, "node1", "--folder", foreign);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("belongs to", refused.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Only_processes_of_the_same_user_are_taken_for_labs()
    {
        using Process own = Process.Start("/bin/sh", ["-c", "sleep 60; :", "clusterd", "lab-node", "--folder", "/own-lab"]);
        using Process? decoy = Environment.IsPrivilegedProcess
            ? Process.Start(
                "setpriv",
                ["--reuid=65534", "--clear-groups", "/bin/sh", "-c", "sleep 60; :", "clusterd", "lab-node", "--folder", "/decoy-lab"])
            : null;
        try
        {
            while (decoy is not null && FileStatus.Read($"/proc/{decoy.Id}")?.Owner != 65534)
            {
                Assert.False(decoy.HasExited, "The decoy could not be started.");
                await Task.Delay(5);
            }

            while (!LabCluster.FindRunning().Contains("/own-lab"))
            {
                Assert.False(own.HasExited, "The process could not be started.");
                await Task.Delay(5);
            }

            Assert.DoesNotContain("/decoy-lab", LabCluster.FindRunning());
        }
        finally
        {
            own.Kill(entireProcessTree: true);
            decoy?.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Who_holds_the_logs_lock_is_named_and_the_status_says_that_commits_do_not_go_through()
    {
        await using TestLab lab = await TestLab.StartAsync();
        string log = Path.Combine(Path.GetDirectoryName(lab.StateFolder("node1"))!, ".engine", "log.db");
        Task<Operation> written;
        using (var holder = new SqliteConnection($"Data Source={log};Pooling=False"))
        {
            holder.Open();
            using SqliteCommand hold = holder.CreateCommand();
            hold.CommandText = "BEGIN IMMEDIATE";
            hold.ExecuteNonQuery();
            written =
                lab.Client.PostAsync<Operation>("/v1/journal", new JournalWriteRequest { Message = "held up" }, CancellationToken.None);
            ClusterStatus status;
            do
            {
                await Task.Delay(50);
                status = await lab.Client.GetClusterAsync(CancellationToken.None);
            }
            while (status.CommitsFailSince is null
                || !status.QuorumDescription.Contains($"process {Environment.ProcessId} (", StringComparison.Ordinal));

            Assert.Contains("COMMITS DO NOT GO THROUGH since", status.QuorumDescription, StringComparison.Ordinal);
        }

        await written.WaitAsync(TestLab.Limit);
        while ((await lab.Client.GetClusterAsync(CancellationToken.None)).CommitsFailSince is not null)
        {
            await Task.Delay(50);
        }

        lab.NeverTwice();
    }

    private static UnixFileMode? ModeOf(string path)
    {
        try
        {
            return File.GetUnixFileMode(path);
        }
        catch (FileNotFoundException)
        {
            // A draft that has got its name.
            return null;
        }
    }

    /// <summary>As root one is given away; else one of root's serves.</summary>
    private static string Foreign(TemporaryFolder folder)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "/usr";
        }

        string path = folder.In("foreign");
        Directory.CreateDirectory(path);
        using Process chown = Process.Start("chown", ["65534", path]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
        return path;
    }
}
