namespace ClusterTools.Host;

/// <summary>Exit codes of <c>clusterd</c>.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>What was asked for was understood and refused, or failed: a configuration with errors, an operation that failed.</summary>
    public const int Failure = 1;

    /// <summary>It could not even be tried: no such file, wrong arguments.</summary>
    public const int Unusable = 2;

    /// <summary>The daemon ended for a restart: its service manager starts it again (sysexits(3) EX_TEMPFAIL).</summary>
    public const int Restart = 75;

    /// <summary>Ended by Ctrl-C, as shells have it.</summary>
    public const int Interrupted = 130;
}
