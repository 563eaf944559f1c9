using System.Globalization;

namespace ClusterTools.Demos;

/// <summary>What a guest has written, as it is seen beside its hosts: how often it has booted, and its ticks since.</summary>
/// <param name="file">Where it writes.</param>
internal sealed class GuestTicks(string file)
{
    /// <summary>The last one; (0, 0): none.</summary>
    public (int Boot, int Tick) Last => All().LastOrDefault();

    /// <summary>Why two copies have run, or one was set back: each tick of a boot comes once, and in order. Null: they have not.</summary>
    public string? WhyTwo
    {
        get
        {
            (int Boot, int Tick) before = default;
            foreach ((int Boot, int Tick) tick in All())
            {
                if (before != default && tick != (before.Boot, before.Tick + 1) && tick.Boot != before.Boot + 1)
                {
                    return $"after tick {before.Tick} of boot {before.Boot} came tick {tick.Tick} of boot {tick.Boot}";
                }

                before = tick;
            }

            return null;
        }
    }

    // The last line may be half written.
    private IEnumerable<(int Boot, int Tick)> All() =>
        File.Exists(file) && File.ReadAllText(file) is var all && all.LastIndexOf('\n') is >= 0 and var end
            ? all[..end].Split('\n').Select(static line => line.Split(' ')).Where(static words => words is [{ Length: 8 }, { Length: 8 }])
                .Select(static words => (Number(words[0]), Number(words[1])))
            : [];

    private static int Number(string word) => int.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
