using System.Globalization;

namespace ClusterTools.Agents;

/// <summary>
/// Folders that their owner alone may enter. Fence devices' passwords stand in a node's files, and who may write there may have the daemon
/// start programs: so neither the umask nor whoever made the folder before decides.
/// </summary>
public static class PrivateFolder
{
    private const UnixFileMode Mode0700 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const uint OthersMayAnything = 0b111_111;
    private const uint OthersMayWrite = 0b010_010;
    private const uint EverybodyMayWrite = 0b010;
    private const uint Sticky = 0x200;

    /// <summary>Makes a folder with mode 0700 where there is none, and checks it: what is there may be somebody else's.</summary>
    /// <exception cref="UnauthorizedAccessException">It is not this user's alone; the message has the command that mends it.</exception>
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, Mode0700);
        Check(path);
    }

    /// <summary>As <see cref="Create"/>; an empty folder of this user's own is made private instead of being refused.</summary>
    /// <exception cref="UnauthorizedAccessException">It is not this user's alone; the message has the command that mends it.</exception>
    public static void Claim(string path)
    {
        if (!OperatingSystem.IsWindows() && FileStatus.Read(path) is { IsFolder: true, IsLink: false } there
            && there.Owner == FileStatus.EffectiveUser
            && !Directory.EnumerateFileSystemEntries(path).Any())
        {
            File.SetUnixFileMode(path, Mode0700);
        }

        Create(path);
    }

    /// <summary>
    /// Refuses a folder that belongs to somebody else, that others may enter, that is a link, or that others could put another one in the
    /// place of.
    /// </summary>
    /// <exception cref="UnauthorizedAccessException">The message has the command that mends it.</exception>
    public static void Check(string path)
    {
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (OperatingSystem.IsWindows() || FileStatus.Read(folder) is not { } status)
        {
            return;
        }

        if (status.IsLink)
        {
            throw Refused(
                $"'{folder}' is a link, and whoever may change it decides where it leads. Name the folder itself: "
                    + $"{Path.GetFullPath(new FileInfo(folder).LinkTarget ?? "", Path.GetDirectoryName(folder) ?? "/")}");
        }

        if (!status.IsFolder)
        {
            throw Refused($"'{folder}' is no folder. Remove it, or name another.");
        }

        if (status.Owner != FileStatus.EffectiveUser)
        {
            throw Refused(
                $"The folder '{folder}' belongs to {Named(status.Owner)}, and this runs as {Named(FileStatus.EffectiveUser)}. "
                    + $"If nobody has put anything in it: chown -R {FileStatus.EffectiveUser} '{folder}'");
        }

        if ((status.Mode & OthersMayAnything) != 0)
        {
            throw Refused(
                $"The folder '{folder}' is open to others (mode {Octal(status.Mode)}), and passwords stand in it. Run: "
                    + $"chmod -R go= '{folder}'");
        }

        CheckParents(folder);
    }

    /// <summary>Files of a private folder that others could read, if they could enter it, each with what to do.</summary>
    /// <exception cref="UnauthorizedAccessException">One could be written by others, or belongs to somebody else.</exception>
    public static IEnumerable<string> CheckFiles(string folder, params IEnumerable<string> names)
    {
        List<string> open = [];
        foreach (string file in names.Select(n => Path.Combine(folder, n)))
        {
            if (OperatingSystem.IsWindows() || FileStatus.Read(file) is not { } status)
            {
                continue;
            }

            if (status.Owner != FileStatus.EffectiveUser && status.Owner != 0)
            {
                throw Refused(
                    $"'{file}' belongs to {Named(status.Owner)}, and this runs as {Named(FileStatus.EffectiveUser)}. "
                        + $"If its content is right: chown {FileStatus.EffectiveUser} '{file}'");
            }

            if (!status.IsLink && (status.Mode & OthersMayWrite) != 0)
            {
                throw Refused(
                    $"'{file}' can be written by others (mode {Octal(status.Mode)}). If its content is right: chmod go= '{file}'");
            }

            if (!status.IsLink && (status.Mode & OthersMayAnything) != 0)
            {
                open.Add($"'{file}' is open to others (mode {Octal(status.Mode)}). Run: chmod go= '{file}'");
            }
        }

        return open;
    }

    // Who may rename a folder above may put another in this one's place.
    private static void CheckParents(string folder)
    {
        string? sudo = Environment.GetEnvironmentVariable("SUDO_UID");
        for (string? above = Path.GetDirectoryName(folder); above is not null; above = Path.GetDirectoryName(above))
        {
            if (FileStatus.Read(above) is not { IsLink: false } status)
            {
                continue;
            }

            bool trusted = status.Owner == 0 || status.Owner == FileStatus.EffectiveUser
                || (uint.TryParse(sudo, NumberStyles.None, CultureInfo.InvariantCulture, out uint asked) && status.Owner == asked);
            if (!trusted)
            {
                throw Refused(
                    $"The folder '{above}' belongs to {Named(status.Owner)}, who could put another in the place of '{folder}'. "
                        + $"Choose a place that belongs to {Named(FileStatus.EffectiveUser)} or to root.");
            }

            if ((status.Mode & EverybodyMayWrite) != 0 && (status.Mode & Sticky) == 0)
            {
                throw Refused(
                    $"Everybody may write in '{above}' (mode {Octal(status.Mode)}), and so put another folder in the place of '{folder}'. "
                        + $"Run: chmod o-w '{above}' (or chmod +t, as /tmp has it)");
            }
        }
    }

    private static UnauthorizedAccessException Refused(string message) =>
        new(message + (message.EndsWith('\'') || message.EndsWith(')') ? "" : message.EndsWith('.') ? "" : "."));

    private static string Octal(uint mode) => Convert.ToString((int)(mode & 0xFFF), 8).PadLeft(4, '0');

    private static string Named(uint user) =>
        user == FileStatus.EffectiveUser ? $"'{Environment.UserName}' (uid {user})" : user == 0 ? "root" : $"uid {user}";
}
