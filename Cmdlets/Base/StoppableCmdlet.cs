namespace ClusterTools.Cmdlets;

/// <summary>Base of every cmdlet: what it waits for ends when the user stops it.</summary>
public abstract class StoppableCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource stopping = new();

    /// <summary>Cancelled when the user stops the command.</summary>
    protected CancellationToken Stopped => stopping.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        try
        {
            stopping.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself meanwhile.
        }
    }

    /// <summary>Disposes of what the cmdlet holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            stopping.Dispose();
        }
    }

    /// <summary>Waits between two looks at something.</summary>
    /// <param name="time">How long.</param>
    /// <exception cref="PipelineStoppedException">The user stopped the command.</exception>
    protected void Pause(TimeSpan time)
    {
        if (Stopped.WaitHandle.WaitOne(time))
        {
            throw new PipelineStoppedException();
        }
    }
}
