namespace ClusterTools.Engines;

/// <summary>
/// Says what is wrong when it begins, not each time that it is noticed: the same trouble is found again with every beat, with other
/// milliseconds in its words, and would drive everything else out of the journal. Thread-safe.
/// </summary>
/// <param name="log">Gets the lines.</param>
internal sealed class Troubles(Action<string>? log)
{
    /// <summary>What lasts, or comes and goes, is said again after so many milliseconds.</summary>
    public const long Reminder = 60_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Trouble> known = new(StringComparer.Ordinal);

    /// <summary>Something is wrong, still or again.</summary>
    /// <param name="cause">What it is, in a word that does not change with the figures in the text.</param>
    /// <param name="text">The line.</param>
    /// <param name="now">The time (<see cref="BootClock"/> milliseconds).</param>
    public void Say(string cause, string text, long now)
    {
        lock (gate)
        {
            if (!known.TryGetValue(cause, out Trouble? trouble))
            {
                known.Add(cause, trouble = new Trouble());
            }
            else if (now - trouble.SaidAt < Reminder)
            {
                trouble.Unsaid |= !trouble.Lasts;
                trouble.Lasts = true;
                trouble.Repeats++;
                return;
            }

            log?.Invoke(
                trouble.Repeats == 0 ? text : $"{text} ({trouble.Repeats} times more in the last {(now - trouble.SaidAt) / 1000} s.)");
            trouble.Lasts = true;
            trouble.Unsaid = false;
            trouble.SaidAt = now;
            trouble.Repeats = 0;
        }
    }

    /// <summary>It is over; that is said when its beginning was.</summary>
    /// <param name="cause">What was wrong.</param>
    /// <param name="text">The line.</param>
    public void End(string cause, string text)
    {
        lock (gate)
        {
            if (known.TryGetValue(cause, out Trouble? trouble) && trouble.Lasts)
            {
                trouble.Lasts = false;
                if (!trouble.Unsaid)
                {
                    log?.Invoke(text);
                }
            }
        }
    }

    private sealed class Trouble
    {
        public bool Lasts { get; set; }

        /// <summary>Its beginning was not said, since it had been shortly before.</summary>
        public bool Unsaid { get; set; }

        public long SaidAt { get; set; }

        public int Repeats { get; set; }
    }
}
