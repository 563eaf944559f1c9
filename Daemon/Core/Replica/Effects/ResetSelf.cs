namespace ClusterTools.Core;

/// <summary>Reset this machine at once: what runs here can't be stopped otherwise.</summary>
public sealed record ResetSelf(string Reason) : Effect;
