using System.Text.Json.Serialization;

namespace ClusterTools.Core;

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Tick), "tick")]
[JsonDerivedType(typeof(Probed), "probed")]
[JsonDerivedType(typeof(ActionCompleted), "actionCompleted")]
[JsonDerivedType(typeof(MonitorFailed), "monitorFailed")]
[JsonDerivedType(typeof(MonitorUnknown), "monitorUnknown")]
[JsonDerivedType(typeof(FenceCompleted), "fenceCompleted")]
[JsonDerivedType(typeof(FenceProven), "fenceProven")]
[JsonDerivedType(typeof(MigrationTold), "migrationTold")]
[JsonDerivedType(typeof(GuestNoticed), "guestNoticed")]
[JsonDerivedType(typeof(NodeLeft), "nodeLeft")]
[JsonDerivedType(typeof(EventScriptCompleted), "eventScriptCompleted")]
[JsonDerivedType(typeof(WatchdogArmed), "watchdogArmed")]
[JsonDerivedType(typeof(StateHashed), "stateHashed")]
[JsonDerivedType(typeof(GroupRequest), "groupRequest")]
[JsonDerivedType(typeof(NodeRequest), "nodeRequest")]
[JsonDerivedType(typeof(ConfigurationRequest), "configurationRequest")]
[JsonDerivedType(typeof(MessageWritten), "messageWritten")]
[JsonDerivedType(typeof(CancelRequest), "cancelRequest")]
[JsonDerivedType(typeof(RunbookRequest), "runbookRequest")]
[JsonDerivedType(typeof(UserEvent), "userEvent")]
[JsonDerivedType(typeof(ClusterStopRequest), "clusterStopRequest")]
[JsonDerivedType(typeof(ArmingRequest), "armingRequest")]
[JsonDerivedType(typeof(LevelRequest), "levelRequest")]
public abstract record ClusterEvent;
