using System.Text;
using ClusterTools.Core;

namespace ClusterTools.Host;

/// <summary>Writes text with its hidden characters escaped (<see cref="PlainText"/>); lines stay lines.</summary>
/// <param name="to">Where it goes.</param>
internal sealed class PlainWriter(TextWriter to) : TextWriter
{
    public override Encoding Encoding => to.Encoding;

    public override void Write(char value) => to.Write(PlainText.EscapeLines(value.ToString()));

    public override void Write(string? value)
    {
        if (value is not null)
        {
            to.Write(PlainText.EscapeLines(value));
        }
    }

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    // One call, so that the lines of two threads do not mix.
    public override void WriteLine(string? value) => to.WriteLine(PlainText.EscapeLines(value ?? ""));

    public override void Flush() => to.Flush();

    public override Task FlushAsync() => to.FlushAsync();
}
