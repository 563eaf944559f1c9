using System.Diagnostics;
using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Lab.Tests;

/// <summary>A lab that another program runs in the background.</summary>
public sealed class BackgroundTests
{
    private const string Earlier = """
        { "current": "shop", "contexts": [ { "name": "shop", "cluster": "shop", "servers": [ "https://192.0.2.1:7450" ], "authority": "x", "certificatePfx": "AA==" } ] }
        """;

    [Fact]
    public async Task A_lab_ends_with_its_standard_input_and_takes_its_folder_and_its_context_along()
    {
        using var folder = new TemporaryFolder();
        string contexts = Private(folder, "contexts.json", Earlier);
        string lab = folder.In("lab");
        using Process process =
            Start(
                "lab", "--nodes", "2", "--folder", lab, "--remove", "--base-port", "0", "--context", contexts, "--context-name", "trial",
                "--own-session", "--end-with-input");
        using var limit = new CancellationTokenSource(TestLab.Limit);
        try
        {
            await ReadToAsync(process, "Ctrl-C ends it and leaves nothing.", limit.Token);
            ClientContexts during = ContextFile.Read(contexts, WireJson.Default);
            Assert.Equal("trial", during.Current);
            Assert.Equal(["shop", "trial"], during.Contexts.Select(c => c.Name));
            Assert.Equal(2, during.Contexts[1].Servers.Count);
            Assert.NotNull(ContextFile.Certificate(during.Contexts[1], contexts));

            Assert.Equal(process.Id, SessionOf(process.Id));
            process.StandardInput.Close();
            await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }

        Assert.False(Directory.Exists(lab), "The lab's folder is still there.");
        ClientContexts after = ContextFile.Read(contexts, WireJson.Default);
        Assert.Equal("shop", after.Current);
        Assert.Equal("shop", Assert.Single(after.Contexts).Name);
    }

    [Fact]
    public async Task A_lab_does_not_take_the_name_of_another_clusters_context()
    {
        using var folder = new TemporaryFolder();
        string contexts = Private(folder, "contexts.json", Earlier);
        ClusterdResult result =
            await Clusterd.RunAsync(
                "lab", "--nodes", "2", "--folder", folder.In("lab"), "--base-port", "0", "--context", contexts, "--context-name", "SHOP");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--context-name", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.In("lab")));
        Assert.Equal(Earlier, await File.ReadAllTextAsync(contexts, TestContext.Current.CancellationToken));
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Clusterd.Path, arguments)
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    private static async Task ReadToAsync(Process process, string line, CancellationToken cancel)
    {
        while (await process.StandardOutput.ReadLineAsync(cancel) is { } read)
        {
            if (read == line)
            {
                return;
            }
        }

        Assert.Fail("The lab ended.");
    }

    // Field 6 of stat, proc(5).
    private static int SessionOf(int pid)
    {
        string stat = File.ReadAllText($"/proc/{pid}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3]);
    }

    private static string Private(TemporaryFolder folder, string name, string text)
    {
        string file = folder.Write(name, text);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
