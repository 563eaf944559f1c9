namespace ClusterTools.Core.Configuration;

/// <summary>An edit of the times that the cluster goes by, in milliseconds; what is null stays as it is.</summary>
public sealed record TimingEdit : IConfigurationEdit
{
    public long? Token { get; init; }

    public long? TwoNodeDelay { get; init; }

    public long? PostFailDelay { get; init; }

    public long? PostJoinDelay { get; init; }

    public long? QuorumLossDeadline { get; init; }

    public long? RetryDelay { get; init; }

    public long? FenceTimeout { get; init; }

    public long? MaintenanceLimit { get; init; }

    public int? FlapLimit { get; init; }

    public long? FlapWindow { get; init; }

    public long? FlapRelease { get; init; }

    public ShutdownPolicy? ShutdownPolicy { get; init; }

    public long? KeepLimit { get; init; }

    public long? ShutdownWait { get; init; }

    ClusterConfiguration IConfigurationEdit.Edit(ClusterConfiguration configuration, EditAction action)
    {
        Edits.OnlySet(action, "Timing");
        ClusterTiming there = configuration.Timing;
        return configuration with
        {
            Timing = there with
            {
                Token = Edits.Time(Token, there.Token, nameof(Token)),
                TwoNodeDelay = Edits.Time(TwoNodeDelay, there.TwoNodeDelay, nameof(TwoNodeDelay)),
                PostFailDelay = Edits.Time(PostFailDelay, there.PostFailDelay, nameof(PostFailDelay)),
                PostJoinDelay = Edits.Time(PostJoinDelay, there.PostJoinDelay, nameof(PostJoinDelay)),
                QuorumLossDeadline = Edits.Time(QuorumLossDeadline, there.QuorumLossDeadline, nameof(QuorumLossDeadline)),
                RetryDelay = Edits.Time(RetryDelay, there.RetryDelay, nameof(RetryDelay)),
                FenceTimeout = Edits.Time(FenceTimeout, there.FenceTimeout, nameof(FenceTimeout)),
                MaintenanceLimit = Edits.Time(MaintenanceLimit, there.MaintenanceLimit, nameof(MaintenanceLimit)),
                FlapLimit = FlapLimit ?? there.FlapLimit,
                FlapWindow = Edits.TimeOrDefault(FlapWindow, there.FlapWindow, nameof(FlapWindow)),
                FlapRelease = Edits.TimeOrDefault(FlapRelease, there.FlapRelease, nameof(FlapRelease)),
                ShutdownPolicy = ShutdownPolicy ?? there.ShutdownPolicy,
                KeepLimit = Edits.TimeOrDefault(KeepLimit, there.KeepLimit, nameof(KeepLimit)),
                ShutdownWait = Edits.TimeOrDefault(ShutdownWait, there.ShutdownWait, nameof(ShutdownWait)),
            },
        };
    }
}
