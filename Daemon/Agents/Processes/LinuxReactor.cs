namespace ClusterTools.Agents;

/// <summary>
/// The one thread that watches all children: their ends, outputs, inputs and deadlines. It does not depend on the thread
/// pool, so a busy daemon still notices that a time limit has passed.
/// </summary>
internal sealed class LinuxReactor
{
    private const int LingerLimit = 1024;

    private readonly List<LinuxChild> children = [];
    private readonly List<LinuxChild> added = [];
    private readonly Queue<int> lingering = new();
    private readonly int wake;

    private LinuxReactor()
    {
        const int closeOnExecNonBlocking = 0x80800;
        wake = LinuxNative.CreateEvent(0, closeOnExecNonBlocking);
        if (wake < 0)
        {
            throw LinuxNative.Failure("eventfd");
        }

        LinuxNative.KeepExitedChildren();
        new Thread(Run) { IsBackground = true, Name = "children" }.Start();
    }

    internal static LinuxReactor Instance { get; } = new();

    internal void Add(LinuxChild child)
    {
        lock (added)
        {
            added.Add(child);
        }

        Wake();
    }

    internal unsafe void Wake()
    {
        ulong one = 1;
        _ = LinuxNative.Write(wake, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Goes on reading a pipe, and forgets what it reads; the oldest is closed when there are too many.</summary>
    internal void Linger(int pipe)
    {
        if (pipe < 0)
        {
            return;
        }

        if (lingering.Count == LingerLimit)
        {
            _ = LinuxNative.Close(lingering.Dequeue());
        }

        lingering.Enqueue(pipe);
    }

    private unsafe void Run()
    {
        var entries = new LinuxNative.PollEntry[64];
        while (true)
        {
            lock (added)
            {
                children.AddRange(added);
                added.Clear();
            }

            int needed = 1 + (children.Count * 4) + lingering.Count;
            if (entries.Length < needed)
            {
                entries = new LinuxNative.PollEntry[needed * 2];
            }

            long next = long.MaxValue;
            entries[0] = new() { Descriptor = wake, Events = LinuxNative.PollIn };
            int count = 1;
            foreach (LinuxChild child in children)
            {
                // poll(2) passes over negative descriptors.
                entries[count++] = new() { Descriptor = child.Pidfd, Events = LinuxNative.PollIn };
                entries[count++] = new() { Descriptor = child.OutputPipe, Events = LinuxNative.PollIn };
                entries[count++] = new() { Descriptor = child.ErrorPipe, Events = LinuxNative.PollIn };
                entries[count++] = new() { Descriptor = child.InputPipe, Events = LinuxNative.PollOut };
                next = Math.Min(next, child.Deadline);
            }

            int lingerStart = count;
            foreach (int pipe in lingering)
            {
                entries[count++] = new() { Descriptor = pipe, Events = LinuxNative.PollIn };
            }

            int timeout = next == long.MaxValue ? -1 : (int)Math.Clamp(next - Environment.TickCount64, 0, int.MaxValue);
            int ready;
            fixed (LinuxNative.PollEntry* list = entries)
            {
                ready = LinuxNative.Poll(list, (nuint)count, timeout);
            }

            if (ready > 0)
            {
                Handle(entries, lingerStart);
            }

            long now = Environment.TickCount64;
            foreach (LinuxChild child in children)
            {
                child.Advance(now);
            }

            children.RemoveAll(static child => child.IsDone);
        }
    }

    private unsafe void Handle(LinuxNative.PollEntry[] entries, int lingerStart)
    {
        if (entries[0].Returned != 0)
        {
            ulong value;
            _ = LinuxNative.Read(wake, (byte*)&value, sizeof(ulong));
        }

        for (int index = 0; index < children.Count; index++)
        {
            LinuxChild child = children[index];
            ReadOnlySpan<LinuxNative.PollEntry> own = entries.AsSpan(1 + (index * 4), 4);
            if (own[1].Descriptor >= 0 && own[1].Returned != 0)
            {
                child.ReadOutput();
            }

            if (own[2].Descriptor >= 0 && own[2].Returned != 0)
            {
                child.ReadError();
            }

            if (own[3].Descriptor >= 0 && own[3].Returned != 0)
            {
                child.Write();
            }

            if (own[0].Descriptor >= 0 && own[0].Returned != 0)
            {
                child.OnExited();
            }
        }

        int pipes = lingering.Count;
        for (int index = 0; index < pipes; index++)
        {
            int pipe = lingering.Dequeue();
            if (entries[lingerStart + index].Returned != 0)
            {
                pipe = LinuxChild.Read(pipe, into: null);
            }

            if (pipe >= 0)
            {
                lingering.Enqueue(pipe);
            }
        }
    }
}
