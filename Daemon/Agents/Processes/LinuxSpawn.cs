using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace ClusterTools.Agents;

/// <summary>
/// Starts a program in a session of its own by posix_spawn(3): no helper program, no copy of the daemon's memory, no signal
/// blocked or ignored in the child, no descriptor but the three standard ones.
/// </summary>
internal static unsafe partial class LinuxSpawn
{
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;

    // Larger than glibc's and musl's structures (336, 80 and 128 bytes at most).
    private const int OpaqueSize = 512;
    private const int TextBusyAttempts = 20;

    // What programs expect; the daemon's own files are its user's alone.
    private const uint UsualMask = 0b010_010;
    private static readonly Lock Masking = new();

    // glibc 2.34 and later; elsewhere close-on-exec alone has to do.
    private static readonly delegate* unmanaged<byte*, int, int> AddCloseFrom =
        NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "posix_spawn_file_actions_addclosefrom_np", out nint address)
            ? (delegate* unmanaged<byte*, int, int>)address
            : null;

    /// <summary>Starts the program and returns its pid; the caller reaps it.</summary>
    /// <exception cref="ProcessStartException">The program could not be executed.</exception>
    internal static int Start(
        string file, ImmutableArray<string> arguments, IReadOnlyDictionary<string, string> environment, string workingDirectory, int input,
        int output, int error)
    {
        byte* attributes = stackalloc byte[OpaqueSize];
        byte* actions = stackalloc byte[OpaqueSize];
        byte* signals = stackalloc byte[OpaqueSize];
        Check(AttributesInitialise(attributes), "posix_spawnattr_init", file);
        Check(ActionsInitialise(actions), "posix_spawn_file_actions_init", file);
        byte* block = null;
        try
        {
            _ = EmptySignals(signals);
            Check(SetMask(attributes, signals), "posix_spawnattr_setsigmask", file);
            _ = FillSignals(signals);
            Check(SetDefaults(attributes, signals), "posix_spawnattr_setsigdefault", file);
            Check(SetFlags(attributes, SetSession | SetSignalMask | SetSignalDefaults), "posix_spawnattr_setflags", file);
            Check(AddDuplicate(actions, input, 0), "posix_spawn_file_actions_adddup2", file);
            Check(AddDuplicate(actions, output, 1), "posix_spawn_file_actions_adddup2", file);
            Check(AddDuplicate(actions, error, 2), "posix_spawn_file_actions_adddup2", file);
            Check(AddChangeFolder(actions, workingDirectory), "posix_spawn_file_actions_addchdir_np", file);
            if (AddCloseFrom != null)
            {
                Check(AddCloseFrom(actions, 3), "posix_spawn_file_actions_addclosefrom_np", file);
            }

            block = Strings(file, arguments, environment, out byte** argv, out byte** envp);
            for (int attempt = 1; ; attempt++)
            {
                int result = SpawnWithUsualMask(out int pid, file, actions, attributes, argv, envp);
                if (result == 0)
                {
                    return pid;
                }

                // Another thread's child may hold a just-written program open for the instant before its own exec.
                if (result != LinuxNative.ErrorTextBusy || attempt == TextBusyAttempts)
                {
                    throw new ProcessStartException(file, result, Marshal.GetPInvokeErrorMessage(result));
                }

                Thread.Sleep(1);
            }
        }
        finally
        {
            NativeMemory.Free(block);
            _ = ActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
        }
    }

    private static int SpawnWithUsualMask(out int pid, string file, byte* actions, byte* attributes, byte** argv, byte** envp)
    {
        // The mask is the process's: no two may change it at once.
        lock (Masking)
        {
            uint own = FileStatus.SetMask(UsualMask);
            int result = PosixSpawn(out pid, file, actions, attributes, argv, envp);
            _ = FileStatus.SetMask(own);
            return result;
        }
    }

    // One block of memory: both pointer lists, then the strings.
    private static byte* Strings(
        string file, ImmutableArray<string> arguments, IReadOnlyDictionary<string, string> environment, out byte** argv, out byte** envp)
    {
        string[] all = [file, .. arguments, .. environment.Select(pair => $"{pair.Key}={pair.Value}")];
        int pointers = all.Length + 2;
        int bytes = all.Sum(text => Encoding.UTF8.GetByteCount(text) + 1);
        byte* block = (byte*)NativeMemory.Alloc((nuint)((pointers * sizeof(byte*)) + bytes));
        argv = (byte**)block;
        envp = argv + arguments.Length + 2;
        byte* next = block + (pointers * sizeof(byte*));
        for (int index = 0; index < all.Length; index++)
        {
            (index <= arguments.Length ? argv : envp - arguments.Length - 1)[index] = next;
            int length = Encoding.UTF8.GetBytes(all[index], new Span<byte>(next, bytes));
            next[length] = 0;
            next += length + 1;
        }

        argv[arguments.Length + 1] = null;
        envp[environment.Count] = null;
        return block;
    }

    private static void Check(int result, string call, string file)
    {
        if (result != 0)
        {
            throw new ProcessStartException(file, result, $"{call}: {Marshal.GetPInvokeErrorMessage(result)}");
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int PosixSpawn(out int pid, string file, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInitialise(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SetMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SetDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int ActionsInitialise(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int ActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddChangeFolder(byte* actions, string folder);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int EmptySignals(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static partial int FillSignals(byte* signals);
}
