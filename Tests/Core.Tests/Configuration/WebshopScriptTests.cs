using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace ClusterTools.Core.Tests.Configuration;

/// <summary>The init scripts of examples/webshop, run as an agent runs them: the exit codes are those of the LSB.</summary>
public sealed class WebshopScriptTests : IAsyncLifetime
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);
    private readonly string _state = Directory.CreateTempSubdirectory("webshop").FullName;
    private readonly int _port = FreePort();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var name in new[] { "web", "db", "reports", "batch" })
        {
            await Run(name, "stop");
        }
        Directory.Delete(_state, recursive: true);
    }

    [Theory]
    [InlineData("db")]
    [InlineData("reports")]
    [InlineData("batch")]
    [InlineData("web")]
    public async Task Start_and_stop_do_what_they_say_however_often_they_are_asked(string name)
    {
        Assert.Equal(3, (await Run(name, "status")).Code);
        Assert.Equal(0, (await Run(name, "stop")).Code);
        if (name == "web" && !HasServer)
        {
            var refused = await Run(name, "start");
            Assert.Equal(5, refused.Code);
            Assert.Contains("install", refused.Error, StringComparison.Ordinal);
            return;
        }
        await Expect(0, name, "start");
        var first = await File.ReadAllTextAsync(PidFile(name), Cancel);
        await Expect(0, name, "start");
        Assert.Equal(first, await File.ReadAllTextAsync(PidFile(name), Cancel));
        await Expect(0, name, "status");
        await Expect(0, name, "restart");
        Assert.NotEqual(first, await File.ReadAllTextAsync(PidFile(name), Cancel));
        await Expect(0, name, "stop");
        await Expect(3, name, "status");
        await Expect(0, name, "stop");
    }

    [Theory]
    [InlineData("db")]
    [InlineData("web")]
    public async Task A_killed_daemon_is_seen_and_replaced(string name)
    {
        Assert.SkipUnless(name != "web" || HasServer, "Neither nginx nor python3 is installed.");
        await Expect(0, name, "start");
        using (var daemon = Process.GetProcessById(int.Parse((await File.ReadAllTextAsync(PidFile(name), Cancel)).Split(' ')[0])))
        {
            daemon.Kill();
            await daemon.WaitForExitAsync(Cancel).WaitAsync(Hang, Cancel);
        }
        await Expect(1, name, "status");
        await Expect(0, name, "start");
        await Expect(0, name, "status");
    }

    /// <summary>Process ids are given out again: one that belongs to somebody else must be neither believed nor killed.</summary>
    [Theory]
    [InlineData("{0} 1\n")]
    [InlineData("{0}\n")]
    [InlineData("nonsense\n")]
    [InlineData("")]
    [InlineData("-1 -1\n")]
    [InlineData("999999999 5\n")]
    public async Task A_stale_pid_file_fools_nobody(string content)
    {
        using var bystander = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        try
        {
            await File.WriteAllTextAsync(PidFile("db"), string.Format(content, bystander.Id), Cancel);
            await Expect(1, "db", "status");
            await Expect(0, "db", "stop");
            Assert.False(bystander.HasExited);
            await File.WriteAllTextAsync(PidFile("db"), string.Format(content, bystander.Id), Cancel);
            await Expect(0, "db", "start");
            await Expect(0, "db", "status");
            Assert.False(bystander.HasExited);
        }
        finally
        {
            bystander.Kill();
            await bystander.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task The_page_names_the_node_as_soon_as_start_has_returned()
    {
        Assert.SkipUnless(HasServer, "Neither nginx nor python3 is installed.");
        await Expect(0, "web", "start");
        using var client = new HttpClient { Timeout = Hang };
        Assert.Contains("Served by test-node", await client.GetStringAsync($"http://127.0.0.1:{_port}/", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_another_process_holds_is_not_taken_for_our_own()
    {
        using var other = new TcpListener(IPAddress.Loopback, _port);
        other.Start();
        var (code, error) = await Run("web", "start");
        Assert.Equal(1, code);
        Assert.Contains($"port {_port} is in use", error, StringComparison.Ordinal);
        await Expect(3, "web", "status");
    }

    [Theory]
    [InlineData("explode", 2)]
    [InlineData("", 2)]
    public async Task Wrong_arguments_are_2(string argument, int code) => await Expect(code, "db", argument);

    [Theory]
    [InlineData("start", 6)]
    [InlineData("stop", 6)]
    [InlineData("status", 4)]
    public async Task Without_a_state_folder_it_is_not_configured(string argument, int code)
    {
        var (actual, error) = await Run("db", argument, state: "");
        Assert.Equal(code, actual);
        Assert.Contains("CLUSTERTOOLS_STATE", error, StringComparison.Ordinal);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static bool HasServer => File.Exists("/usr/bin/python3")
        || (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(f => File.Exists(Path.Combine(f, "nginx")) || File.Exists(Path.Combine(f, "python3")));

    /// <summary>Found upwards from where the tests were built: paths in the assembly are made up in a deterministic build.</summary>
    private static string Scripts { get; } = FindScripts();

    private static string FindScripts()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var scripts = Path.Combine(folder.FullName, "examples/webshop/root/opt/webshop/init.d");
            if (Directory.Exists(scripts))
            {
                return scripts;
            }
        }
        throw new DirectoryNotFoundException(
            $"No examples/webshop above {AppContext.BaseDirectory}; run the tests from within the checkout.");
    }

    private string PidFile(string name) => Path.Combine(_state, $"{name}.pid");

    private async Task Expect(int code, string name, string argument)
    {
        var (actual, error) = await Run(name, argument);
        Assert.True(code == actual, $"{name} {argument}: expected {code}, got {actual}: {error}");
    }

    private async Task<(int Code, string Error)> Run(string name, string argument, string? state = null)
    {
        var start = new ProcessStartInfo(Path.Combine(Scripts, name))
        {
            RedirectStandardError = true,
            Environment = { ["CLUSTERTOOLS_STATE"] = state ?? _state, ["CLUSTERTOOLS_NODE"] = "test-node", ["WEBSHOP_PORT"] = $"{_port}" },
        };
        if (argument.Length > 0)
        {
            start.ArgumentList.Add(argument);
        }
        using var process = Process.Start(start)!;
        // Ends only when no daemon holds the pipe: a script that leaks its output into its daemon hangs here.
        var error = await process.StandardError.ReadToEndAsync(CancellationToken.None).WaitAsync(Hang);
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(Hang);
        return (process.ExitCode, error);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
