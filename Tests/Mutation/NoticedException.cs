namespace ClusterTools.Mutation;

/// <summary>A check has noticed something.</summary>
internal sealed class NoticedException : Exception
{
    public NoticedException()
    {
    }

    public NoticedException(string message)
        : base(message)
    {
    }

    public NoticedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
