namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>The text of a corosync.conf(5).</summary>
public static class CorosyncFile
{
    /// <summary>The file's text; the same for the same settings.</summary>
    /// <exception cref="ArgumentException">The settings have errors; the first is named.</exception>
    public static string Write(CorosyncSettings settings) =>
        CorosyncCheck.FirstError(settings) is { } error
            ? throw new ArgumentException($"Settings of corosync with errors are not written: {error}", nameof(settings))
            : CorosyncWriter.Text(settings);

    /// <summary>
    /// Reads a file, whoever wrote it, as far as it can be read; never fails. Everything in it that the settings can't hold is among
    /// the problems, and so is what <see cref="CorosyncCheck"/> has to say of them.
    /// </summary>
    /// <param name="text">The file's text.</param>
    /// <param name="path">What the file is called in the problems.</param>
    public static CorosyncReading Read(string text, string path = CorosyncSettings.DefaultFile) => new CorosyncReader(path).Read(text);
}
