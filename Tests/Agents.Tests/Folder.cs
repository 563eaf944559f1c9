namespace ClusterTools.Agents.Tests;

/// <summary>A temporary folder of one test, with programs in it; removed at its end.</summary>
public sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("agents-tests-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes an executable shell script and returns its path.</summary>
    public string Script(string name, string body)
    {
        string file = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "#!/bin/sh\n" + body + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    public string Python(string name, string body)
    {
        string file = Script(name, "");
        File.WriteAllText(file, "#!/usr/bin/env python3\n" + body + "\n");
        return file;
    }

    /// <summary>Waits until a file is there and holds something.</summary>
    public async Task<string> ReadWhenWrittenAsync(string name, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TestProcess.HangLimit);
        while (true)
        {
            if (File.Exists(this[name]) && File.ReadAllText(this[name]) is { Length: > 0 } text && text.EndsWith('\n'))
            {
                return text.Trim();
            }

            await Task.Delay(5, limit.Token);
        }
    }

    public void Dispose()
    {
        // Something that was just killed may still be closing its files.
        for (int attempt = 0; Directory.Exists(Path); attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException) when (attempt < 50)
            {
                Thread.Sleep(10);
            }
        }
    }
}
