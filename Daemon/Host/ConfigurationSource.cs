using ClusterTools.Agents;
using ClusterTools.Core.Configuration;
using ClusterTools.Import;

namespace ClusterTools.Host;

/// <summary>Reads configuration files for the command line.</summary>
internal static class ConfigurationSource
{
    /// <summary>Reads a file up to the limit and no further, pipes and devices included.</summary>
    /// <exception cref="UnreadableFileException">There is no such file, or it can't be read; says what to do.</exception>
    public static async Task<ImportResult> ReadAsync(string file, CancellationToken cancel)
    {
        (byte[]? content, string length) = await ReadBytesAsync(file, cancel).ConfigureAwait(false);
        return content is not null
            ? ConfigurationFile.Read(file, content, InstalledAgents.Types(ResourceAgentOptions.UsualOcfRoot))
            : new ImportResult(
                null,
                [
                    new ConfigurationProblem(
                        ProblemSeverity.Error,
                        "",
                        $"The file is {length}; the limit is {ConfigurationLimits.FileBytes:N0} bytes (16 MiB). Nothing of it was used.",
                        "Check that it is a cluster configuration. If it is, split the cluster."),
                ]);
    }

    /// <summary>Reads a file up to the limit and no further, pipes and devices included.</summary>
    /// <returns>Its content, null when it is longer than a configuration may be; and how long it is, in words.</returns>
    /// <exception cref="UnreadableFileException">There is no such file, or it can't be read; says what to do.</exception>
    public static async Task<(byte[]? Content, string Length)> ReadBytesAsync(string file, CancellationToken cancel)
    {
        try
        {
            await using var stream = new FileStream(
                file, new FileStreamOptions
                {
                    Access = FileAccess.Read,
                    Share = FileShare.ReadWrite | FileShare.Delete,
                    Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                });
            if (stream.CanSeek && stream.Length > ConfigurationLimits.FileBytes)
            {
                return (null, $"{stream.Length:N0} bytes long");
            }

            using var content = new MemoryStream(stream.CanSeek ? (int)stream.Length : 0);
            byte[] buffer = new byte[81_920];
            int read;
            while ((read = await stream.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0)
            {
                content.Write(buffer, 0, read);
                if (content.Length > ConfigurationLimits.FileBytes)
                {
                    return (null, "too long");
                }
            }

            return (content.ToArray(), $"{content.Length:N0} bytes long");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UnreadableFileException($"There is no file '{file}'. Check the path.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UnreadableFileException(
                Directory.Exists(file)
                    ? $"'{file}' is a folder. Name the file in it."
                    : $"'{file}' may not be read by this user. Change its permissions, or run as its owner.", e);
        }
        catch (IOException e)
        {
            throw new UnreadableFileException($"'{file}' can't be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a configuration that must be usable; what is wrong with it goes to standard error.</summary>
    /// <returns>Null when it is refused.</returns>
    /// <exception cref="UnreadableFileException">It could not be read at all.</exception>
    public static async Task<ClusterConfiguration?> ReadUsableAsync(string file, CancellationToken cancel)
    {
        ImportResult result = await ReadAsync(file, cancel).ConfigureAwait(false);
        Print(file, result.Problems);
        return result.Configuration;
    }

    /// <summary>
    /// Writes problems to standard error as <c>FILE:LINE: error: …</c>, the form that editors jump by, each with its remedy.
    /// </summary>
    public static void Print(string file, IEnumerable<ConfigurationProblem> problems)
    {
        foreach (ConfigurationProblem problem in problems)
        {
            string line = problem.Line is { } number ? $":{number}" : "";
            string word = problem.Severity == ProblemSeverity.Error ? "error" : "warning";
            string path = problem.Path.Length > 0 ? $"{problem.Path}: " : "";
            Console.Error.WriteLine($"{file}{line}: {word}: {path}{problem.Message}");
            if (problem.Remedy.Length > 0)
            {
                Console.Error.WriteLine($"    {problem.Remedy}");
            }
        }
    }
}

/// <summary>A file could not be read at all.</summary>
internal sealed class UnreadableFileException(string message, Exception inner) : Exception(message, inner);
