using System.Text.Json.Serialization;
using ClusterTools.Contract;

namespace ClusterTools.Api;

/// <summary>How the wire's types are written and read, made at compile time: at run time it would cost megabytes.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CancelRequest))]
[JsonSerializable(typeof(ClientContexts))]
[JsonSerializable(typeof(ClusterStatus))]
[JsonSerializable(typeof(ConfigurationCheck))]
[JsonSerializable(typeof(ConfigurationHistory))]
[JsonSerializable(typeof(FailoverDomain[]))]
[JsonSerializable(typeof(FenceAgent[]))]
[JsonSerializable(typeof(FenceDeviceTestRequest))]
[JsonSerializable(typeof(FenceDeviceTest[]))]
[JsonSerializable(typeof(FenceDevice[]))]
[JsonSerializable(typeof(FenceRecord[]))]
[JsonSerializable(typeof(Contract.Fencing[]))]
[JsonSerializable(typeof(ForceQuorumRequest))]
[JsonSerializable(typeof(GroupOperationRequest))]
[JsonSerializable(typeof(GroupStatus[]))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(Identity))]
[JsonSerializable(typeof(JournalPage))]
[JsonSerializable(typeof(JournalWriteRequest))]
[JsonSerializable(typeof(NodeOperationRequest))]
[JsonSerializable(typeof(NodeStatus[]))]
[JsonSerializable(typeof(Operation[]))]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ResourceStatus[]))]
[JsonSerializable(typeof(ResourceType[]))]
[JsonSerializable(typeof(Runbook[]))]
[JsonSerializable(typeof(StateChange))]
[JsonSerializable(typeof(StreamBegin))]
[JsonSerializable(typeof(StreamEnd))]
[JsonSerializable(typeof(StreamGap))]
internal sealed partial class ApiJsonTypes : JsonSerializerContext;
