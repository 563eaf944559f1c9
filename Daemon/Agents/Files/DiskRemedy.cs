namespace ClusterTools.Agents;

/// <summary>What to do about errors of files and disks, whose own words say only what they are.</summary>
public static class DiskRemedy
{
    private const int NoSpace = 28;
    private const int ReadOnly = 30;
    private const int QuotaExceeded = 122;
    private const int TooManyFiles = 24;
    private const int InputOutput = 5;

    /// <summary>The error with what to do; messages that say so already, and other errors, come back as they are.</summary>
    public static string With(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        string message = error.Message;
        return For(error) is { } remedy && !message.Contains("chmod", StringComparison.Ordinal)
            && !message.Contains(remedy, StringComparison.Ordinal)
            ? $"{message.TrimEnd('.', ' ')}. {remedy}"
            : message;
    }

    /// <summary>Null: nothing general can be said.</summary>
    private static string? For(Exception error) => error switch
    {
        UnauthorizedAccessException =>
            $"Check that it belongs to '{Environment.UserName}', who runs this (ls -l; "
                + "chown), and that nothing write-protects it (chmod u+rw; lsattr).",
        IOException when OperatingSystem.IsLinux() => (error.HResult & 0xFFFF) switch
        {
            NoSpace => "The disk is full: make room there (df -h and df -i show where), nothing else is needed.",
            QuotaExceeded => $"The quota of '{Environment.UserName}' is used up: make room, or raise it.",
            ReadOnly => "The file system is read-only: see why in the kernel's log (dmesg), then 'mount -o remount,rw'.",
            TooManyFiles => "Too many files are open: raise LimitNOFILE= of the unit (ulimit -n).",
            InputOutput => "The disk fails: see the kernel's log (dmesg).",
            _ => null,
        },
        _ => null,
    };
}
