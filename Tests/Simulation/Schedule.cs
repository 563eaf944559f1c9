namespace ClusterTools.Simulation;

/// <summary>What happens when, in simulated milliseconds; equal times in the order in which they were asked for.</summary>
internal sealed class Schedule
{
    private (long Time, long Order, Action What)[] heap = new (long, long, Action)[1024];
    private int count;
    private long order;

    public long Now { get; private set; }

    public long Done { get; private set; }

    public void At(long time, Action what)
    {
        if (count == heap.Length)
        {
            Array.Resize(ref heap, count * 2);
        }

        (long Time, long Order, Action What) item = (Math.Max(time, Now), order++, what);
        int at = count++;
        while (at > 0)
        {
            int parent = (at - 1) >> 1;
            if (!Before(item, heap[parent]))
            {
                break;
            }

            heap[at] = heap[parent];
            at = parent;
        }

        heap[at] = item;
    }

    public void In(long delay, Action what) => At(Now + delay, what);

    /// <summary>Runs the next thing; false when there is none.</summary>
    public bool Step()
    {
        if (count == 0)
        {
            return false;
        }

        (long Time, long Order, Action What) top = heap[0];
        (long Time, long Order, Action What) last = heap[--count];
        heap[count] = default;
        if (count > 0)
        {
            int at = 0;
            while (true)
            {
                int child = (at << 1) + 1;
                if (child >= count)
                {
                    break;
                }

                if (child + 1 < count && Before(heap[child + 1], heap[child]))
                {
                    child++;
                }

                if (!Before(heap[child], last))
                {
                    break;
                }

                heap[at] = heap[child];
                at = child;
            }

            heap[at] = last;
        }

        Now = top.Time;
        Done++;
        top.What();
        return true;
    }

    private static bool Before(in (long Time, long Order, Action What) x, in (long Time, long Order, Action What) y) =>
        x.Time < y.Time || (x.Time == y.Time && x.Order < y.Order);
}
