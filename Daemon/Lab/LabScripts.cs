namespace ClusterTools.Lab;

/// <summary>The two small programs that a lab keeps in its folder.</summary>
internal static class LabScripts
{
    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Keeps no more than a note in the node's run folder, which is emptied when the node loses its power.</summary>
    private const string StandIn = """
        #!/bin/sh
        # A stand-in of the ClusterTools lab for a resource that would change the machine, which all lab nodes share: an
        # address, a file system, a system service. It notes that it was started, and that it was stopped, and does nothing else.
        set -eu
        name=$(printf '%s.%s' "$CLUSTER_GROUP" "$CLUSTER_RESOURCE" | tr -c 'A-Za-z0-9._-' '_')
        sum=$(printf '%s\n%s' "$CLUSTER_GROUP" "$CLUSTER_RESOURCE" | cksum)
        note=$CLUSTERTOOLS_STATE/stand-in/$name.${sum%% *}
        case ${1:-} in
          start)
            mkdir -p "$CLUSTERTOOLS_STATE/stand-in"
            printf '%s of group %s is noted as started on %s\n' "$CLUSTER_RESOURCE" "$CLUSTER_GROUP" "$CLUSTERTOOLS_NODE" > "$note"
            ;;
          stop)
            rm -f "$note"
            ;;
          status)
            [ -e "$note" ] || exit 3
            ;;
          *)
            echo "usage: stand-in start|stop|status" >&2
            exit 2
            ;;
        esac

        """;

    /// <summary>Writes both.</summary>
    /// <param name="folder">The lab's.</param>
    /// <param name="program">How <c>clusterd</c> is called.</param>
    public static void Write(LabFolder folder, IEnumerable<string> program)
    {
        Directory.CreateDirectory(folder.Own);
        string command = string.Join(' ', program.Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
        WriteExecutable(folder.FenceAgent, $"#!/bin/sh\n# The fence agent of this lab.\nexec {command} fence-lab\n");
        WriteExecutable(folder.StandIn, StandIn);
    }

    private static void WriteExecutable(string path, string text)
    {
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, Executable);
        }
    }
}
