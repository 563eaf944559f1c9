using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Call a fence device and answer with <see cref="FenceCompleted"/>.</summary>
/// <param name="Action">What is asked.</param>
/// <param name="Device">Of whom, as the state that asks for it has it; null: it is not configured any more.</param>
/// <param name="Timeout">In milliseconds.</param>
/// <param name="Quorum">Of the state that asks for it.</param>
public sealed record RunFence(FenceDeviceAction Action, FenceDevice? Device, int Timeout, Quorum Quorum) : Effect;
