namespace ClusterTools.Core;

/// <summary>
/// Something that a node must do now. It carries all that is needed for it: the state that others see may still be the one before.
/// </summary>
public abstract record Effect;
