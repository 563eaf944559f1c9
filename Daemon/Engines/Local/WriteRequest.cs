namespace ClusterTools.Engines.Local;

/// <summary>Something that the writer's thread is to do in a transaction.</summary>
internal abstract class WriteRequest
{
    public abstract void Fail(Exception error);
}

/// <summary>An entry to append.</summary>
internal sealed class Proposal(ReadOnlyMemory<byte> payload, VoteTable? votes, CancellationToken cancellationToken) : WriteRequest
{
    private readonly TaskCompletionSource<long> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReadOnlyMemory<byte> Payload => payload;

    public VoteTable? Votes => votes;

    public bool IsCancelled => cancellationToken.IsCancellationRequested;

    public Task<long> Outcome => outcome.Task;

    public void Succeed(long index) => outcome.TrySetResult(index);

    public void Cancel() => outcome.TrySetCanceled(cancellationToken);

    public override void Fail(Exception error) => outcome.TrySetException(error);
}

/// <summary>Anything else. The body says what to answer, and commits or not.</summary>
internal sealed class Operation<T>(Func<LogDatabase, (bool Commit, Wake Wake, T Answer)> body) : WriteRequest, IOperation
{
    private readonly TaskCompletionSource<T> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? answer;

    public Task<T> Outcome => outcome.Task;

    public (bool Commit, Wake Wake) Run(LogDatabase database)
    {
        (bool commit, Wake wake, answer) = body(database);
        return (commit, wake);
    }

    public void Succeed() => outcome.TrySetResult(answer!);

    public override void Fail(Exception error) => outcome.TrySetException(error);
}

internal interface IOperation
{
    (bool Commit, Wake Wake) Run(LogDatabase database);

    void Succeed();

    void Fail(Exception error);
}
