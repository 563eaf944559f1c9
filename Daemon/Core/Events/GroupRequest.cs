using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>An operation on a group (FEATURES B6).</summary>
/// <param name="RequestId">Applied once.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Group">The group.</param>
/// <param name="Operation">What is asked.</param>
/// <param name="Node">Where; null: by the domain's rules.</param>
/// <param name="ConfirmReleased">
/// Disable of a Failed group: the operator has made sure that its resources are released. Enable: that it does not run on the nodes that
/// can't tell.
/// </param>
/// <param name="Kind">Migrate: what the guest does meanwhile; null: as its definition says.</param>
public sealed record GroupRequest(
    string RequestId, string Who, string Group, GroupOperation Operation, string? Node = null, bool ConfirmReleased = false,
    MigrationKind? Kind = null)
    : Request(RequestId, Who);
