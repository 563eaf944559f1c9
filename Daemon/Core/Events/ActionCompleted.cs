namespace ClusterTools.Core;

/// <summary>A start or stop has ended.</summary>
/// <param name="Id">The action's.</param>
/// <param name="Success">It did what was asked.</param>
/// <param name="Message">What the agent said.</param>
/// <param name="Answer">What kind of answer a failure is.</param>
public sealed record ActionCompleted(ActionId Id, bool Success, string Message, ActionAnswer Answer = ActionAnswer.Given) : ClusterEvent;
