using Microsoft.AspNetCore.Http;

namespace ClusterTools.Api;

/// <summary>Sends to a client, and cuts it off when it does not take what is sent: a rate of at least a piece within the limit.</summary>
internal static class ClientWriter
{
    private const int Piece = 64 * 1024;

    /// <exception cref="ClientTooSlowException">It took nothing more; the connection is cut.</exception>
    /// <exception cref="ClientGoneException">It closed the connection.</exception>
    public static async Task WriteAsync(
        HttpContext context, ReadOnlyMemory<byte> content, TimeSpan limit, CancellationToken cancellationToken)
    {
        for (int at = 0; at < content.Length; at += Piece)
        {
            try
            {
                // Ends when the server's own small buffers have room again.
                await context.Response.Body.WriteAsync(content.Slice(at, Math.Min(Piece, content.Length - at)), cancellationToken)
                    .AsTask().WaitAsync(limit, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // A closing message would not reach the client either.
                context.Abort();
                throw new ClientTooSlowException();
            }
            catch (IOException)
            {
                throw new ClientGoneException();
            }
        }
    }
}
