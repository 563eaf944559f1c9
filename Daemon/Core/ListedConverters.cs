using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTools.Core.Configuration;
using static ClusterTools.Core.CoreJson;

namespace ClusterTools.Core;

/// <summary>
/// The converters of the Core's enums and collections by the type they are for: native code can't make a generic type that is written
/// nowhere.
/// A type that is not listed is refused when a setup first meets it; to take the serializer's own would change what is written.
/// </summary>
internal sealed class ListedConverters : JsonConverterFactory
{
    private static readonly Dictionary<Type, JsonConverter> Listed = new JsonConverter[]
    {
        Word<AccessRole>(), Word<ActionAnswer>(), Word<ActionOperation>(), Word<Colocation>(), Word<ConfigurationOrigin>(),
        Word<DeadlineKind>(), Word<DependencyMode>(), Word<DrainGoal>(), Word<FenceAction>(), Word<FinalAction>(),
        Word<FoundAnswer>(), Word<GroupGoal>(), Word<GroupOperation>(), Word<GroupPhase>(), Word<JournalSeverity>(),
        Word<MigrationKind>(),
        Word<NodeOperation>(), Word<NodePhase>(), Word<OperationPhase>(), Word<Quorum>(), Word<RecoveryPolicy>(),
        Word<ResourcePhase>(), Word<ShutdownPolicy>(),
        Array<EventScriptDecision>(), Array<FenceMethod>(), Array<FenceStep>(), Array<FoundResource>(), Array<GroupDependency>(),
        Array<QuorumHeuristic>(), Array<ResourceConfiguration>(), Array<StatusCheck>(), Array<long>(), Array<string>(),
        Dictionary<AccessGrant>(), Dictionary<EventScript>(), Dictionary<EventScriptState>(), Dictionary<FailoverDomain>(),
        Dictionary<FenceDevice>(), Dictionary<FenceState>(), Dictionary<GroupConfiguration>(), Dictionary<GroupState>(),
        Dictionary<GroupPhase>(), Dictionary<InstanceAnswer>(), Dictionary<NodeConfiguration>(), Dictionary<NodeState>(),
        Dictionary<OperationState>(), Dictionary<ResourcePhase>(), Dictionary<RolloutState>(), Dictionary<RunbookState>(),
        Dictionary<UnansweredCheck>(), Dictionary<int>(), Dictionary<long>(), Dictionary<string>(),
        Set(),
    }.ToDictionary(c => c.Type!);

    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum
        || (typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() is var definition
            && (definition == typeof(ImmutableArray<>)
                || ((definition == typeof(ImmutableSortedDictionary<,>) || definition == typeof(ImmutableSortedSet<>))
                    && typeToConvert.GetGenericArguments()[0] == typeof(string))));

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        Listed.GetValueOrDefault(typeToConvert) ?? throw new NotSupportedException(
            $"No converter for {typeToConvert} is listed. Add it to {nameof(ListedConverters)}, or to its room's setup.");
}
