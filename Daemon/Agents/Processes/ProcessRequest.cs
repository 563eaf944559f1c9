using System.Collections.Immutable;

namespace ClusterTools.Agents;

/// <summary>A program to be run by <see cref="ProcessRunner"/>.</summary>
public sealed record ProcessRequest
{
    /// <summary>Absolute path of the program.</summary>
    public required string FileName { get; init; }

    /// <summary>The arguments after the program's name, passed as they are.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>The whole environment of the program; nothing is inherited.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The folder it starts in.</summary>
    public string WorkingDirectory { get; init; } = OperatingSystem.IsWindows()
        ? Path.GetPathRoot(System.Environment.SystemDirectory)!
        : "/";

    /// <summary>What it reads on standard input; null for nothing at all.</summary>
    public string? StandardInput { get; init; }

    /// <summary>From the start until its process group is asked to end (SIGTERM); infinite for none.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>From SIGTERM until SIGKILL, for the whole process group.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many bytes of the output's end are kept.</summary>
    public int OutputLimit { get; init; } = 16 * 1024;

    /// <summary>Keeps standard error apart (<see cref="ProcessOutcome.StandardError"/>) instead of in order with standard output.</summary>
    public bool SeparateStandardError { get; init; }

    /// <summary>
    /// A file that takes both outputs instead (appended to; made when missing); the program then outlives the daemon unharmed.
    /// </summary>
    public string? OutputFile { get; init; }

    /// <summary>Once it has ended well, what its children may still write is not waited for.</summary>
    public bool OutputTellsOfFailure { get; init; }

    /// <summary>What it starts are services, not parts of the daemon: they don't share its protection when memory runs out.</summary>
    public bool StartsServices { get; init; }
}

/// <summary>How a program ended.</summary>
public sealed record ProcessOutcome
{
    /// <summary>Its exit code; null when a signal ended it or the end could not be seen.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The signal that ended it.</summary>
    public int? Signal { get; init; }

    /// <summary>It ran into its time limit and was ended.</summary>
    public bool TimedOut { get; init; }

    /// <summary>The caller cancelled, and it was ended.</summary>
    public bool Cancelled { get; init; }

    /// <summary>It lived on after SIGKILL (stuck in the kernel, state D); it is reaped when it goes.</summary>
    public bool Unkillable { get; init; }

    /// <summary>From start to end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The end of what it wrote, standard error included unless kept apart.</summary>
    public string Output { get; init; } = "";

    /// <summary>The end of its standard error, when kept apart.</summary>
    public string StandardError { get; init; } = "";

    /// <summary>More was written than was kept.</summary>
    public bool OutputCut { get; init; }
}

/// <summary>A program could not be started at all.</summary>
public sealed class ProcessStartException : Exception
{
    internal ProcessStartException(string file, int error, string reason)
        : base($"'{file}' could not be started: {reason}.") => Error = error;

    /// <summary>The errno of the system.</summary>
    public int Error { get; }

    /// <summary>There is no such program.</summary>
    public bool NotFound => Error == LinuxNative.ErrorNoEntry;

    /// <summary>It may not be executed by this user.</summary>
    public bool NotPermitted => Error == LinuxNative.ErrorAccess;

    /// <summary>
    /// It is the program's own fault (not there, not executable, no program at all), not that of a machine that lacks something just now.
    /// </summary>
    public bool CannotBeExecuted => NotFound || NotPermitted
        || Error is LinuxNative.ErrorExecFormat or LinuxNative.ErrorNotFolder or LinuxNative.ErrorIsFolder or LinuxNative.ErrorLoop;
}
