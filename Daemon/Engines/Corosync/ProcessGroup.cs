using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using ClusterTools.Engines.Corosync.Native;

namespace ClusterTools.Engines.Corosync;

/// <summary>A connection to corosync as a member of a closed process group. All calls come from one thread.</summary>
internal sealed unsafe class ProcessGroup : IDisposable
{
    // Callbacks run only within a call of Dispatch, on its thread.
    [ThreadStatic]
    private static ProcessGroup? current;

    private readonly IProcessGroupListener listener;
    private ulong handle;
    private Exception? thrown;

    private ProcessGroup(ulong handle, int descriptor, Peer self, IProcessGroupListener listener)
    {
        this.handle = handle;
        this.listener = listener;
        Descriptor = descriptor;
        Self = self;
    }

    /// <summary>Becomes readable when there is something to dispatch, or corosync has gone.</summary>
    public int Descriptor { get; }

    public Peer Self { get; }

    /// <summary>Connects and joins. May block for as long as corosync is stopped.</summary>
    /// <exception cref="RingUnavailableException">It is not there, or not ready yet.</exception>
    public static ProcessGroup Join(string name, IProcessGroupListener listener)
    {
        LibCpg.ModelData data = new() { Model = LibCpg.Model, Deliver = &OnDeliver, Change = &OnChange };
        Check(LibCpg.Initialize(out ulong handle, LibCpg.Model, in data, 0), "connect to");
        var group = new ProcessGroup(handle, 0, default, listener);
        try
        {
            Check(LibCpg.GetDescriptor(handle, out int descriptor), "ask");
            Check(LibCpg.GetLocal(handle, out uint node), "ask");
            LibCpg.Name group128 = default;
            group128.Length = (uint)Encoding.UTF8.GetBytes(name, (Span<byte>)group128.Value);
            Check(LibCpg.Join(handle, in group128), "join the group of");
            return new ProcessGroup(handle, descriptor, new Peer(node, (uint)Environment.ProcessId), listener);
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    /// <summary>Hands one thing on that has come, if there is any.</summary>
    /// <returns>Whether there was.</returns>
    /// <exception cref="RingUnavailableException">Corosync is gone.</exception>
    public bool Dispatch()
    {
        current = this;
        CorosyncResult result;
        try
        {
            result = LibCpg.Run(handle, LibCpg.Dispatch.OneNonblocking);
        }
        finally
        {
            current = null;
        }

        if (thrown is { } error)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        }

        if (result == CorosyncResult.TryAgain)
        {
            return false;
        }

        Check(result, "hear");
        return true;
    }

    /// <summary>Says something to the group.</summary>
    /// <returns>False: not now, try again soon.</returns>
    /// <exception cref="RingUnavailableException">Corosync is gone.</exception>
    public bool TrySend(ReadOnlySpan<byte> message)
    {
        fixed (byte* bytes = message)
        {
            LibCpg.Vector vector = new() { Base = bytes, Length = (nuint)message.Length };
            CorosyncResult result = LibCpg.Multicast(handle, LibCpg.Guarantee.Agreed, in vector, 1);
            if (result == CorosyncResult.TryAgain)
            {
                return false;
            }

            Check(result, "say something to");
            return true;
        }
    }

    public void Dispose()
    {
        if (handle != 0)
        {
            _ = LibCpg.Finalize(handle);
            handle = 0;
        }
    }

    private static void Check(CorosyncResult result, string what)
    {
        if (result != CorosyncResult.Ok)
        {
            throw new RingUnavailableException(result, $"This node can't {what} corosync ({result}). "
                + (result switch
                {
                    CorosyncResult.Library => "Look whether it runs (systemctl status corosync), and start it.",
                    CorosyncResult.Access => "clusterd must run as root, or corosync's uidgid must let its user in.",
                    _ => "It is tried again until it can.",
                }));
        }
    }

    // What leaves such a method ends the process, so nothing does.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnDeliver(ulong handle, LibCpg.Name* group, uint node, uint process, byte* message, nuint length)
    {
        ProcessGroup of = current!;
        try
        {
            of.listener.OnBytes(new Peer(node, process), new ReadOnlySpan<byte>(message, (int)length));
        }
        catch (Exception e)
        {
            of.thrown = e;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnChange(
        ulong handle, LibCpg.Name* group, LibCpg.Address* members, nuint count, LibCpg.Address* left, nuint leftCount,
        LibCpg.Address* joined, nuint joinedCount)
    {
        ProcessGroup of = current!;
        try
        {
            var peers = new List<Peer>((int)count);
            foreach (LibCpg.Address member in new ReadOnlySpan<LibCpg.Address>(members, (int)count))
            {
                peers.Add(new Peer(member.Node, member.Process));
            }

            of.listener.OnMembers(peers);
        }
        catch (Exception e)
        {
            of.thrown = e;
        }
    }
}
