using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ClusterTools.Contract;
using static ClusterTools.Core.CoreJson;
using CoreJson = ClusterTools.Core.CoreJson;

namespace ClusterTools.Api;

/// <summary>The Core's JSON setup as the wire uses it: what is null is left out.</summary>
public static class ApiJson
{
    /// <summary>For answers and for bodies sent to the API: what is not known is refused.</summary>
    public static JsonSerializerOptions Strict { get; } = Create(JsonUnmappedMemberHandling.Disallow);

    /// <summary>For reading answers: a newer node may say more.</summary>
    public static JsonSerializerOptions Lenient { get; } = Create(JsonUnmappedMemberHandling.Skip);

    /// <summary>For writing as <see cref="Strict"/> does, to a writer of one's own.</summary>
    internal static JsonWriterOptions Written { get; } = new()
    {
        Encoder = Strict.Encoder,
        Indented = Strict.WriteIndented,
        MaxDepth = Strict.MaxDepth,
        SkipValidation = true,
    };

    private static JsonConverter[] Words =>
    [
        Word<AccessRole>(), Word<AnswerKind>(), Word<Colocation>(), Word<ConfigurationOrigin>(), Word<DependencyMode>(), Word<DrainGoal>(),
        Word<FailbackPolicy>(), Word<FinalAction>(), Word<GroupGoal>(), Word<GroupPhase>(), Word<JoinPhase>(), Word<JournalSeverity>(),
        Word<MemberChange>(), Word<MigrationKind>(), Word<MigrationPhase>(),
        Word<NodePhase>(), Word<OperationPhase>(), Word<PlanAction>(), Word<ProblemSeverity>(), Word<Quorum>(),
        Word<RecoveryPolicy>(), Word<ResourcePhase>(), Word<ResourceTypeClass>(), Word<EditAction>(), Word<ShutdownPolicy>(),
        Word<Core.Configuration.EditAction>(),
        Array<Core.Configuration.ConfigurationEdit>(), Array<Core.Configuration.ResourceDefinition>(),
        Array<Core.Configuration.DomainMember>(), Array<Core.Configuration.FenceAssignment>(),
    ];

    private static JsonSerializerOptions Create(JsonUnmappedMemberHandling unknown)
    {
        var options = new JsonSerializerOptions(CoreJson.Options.With(
            JsonTypeInfoResolver.Combine(ApiJsonTypes.Default, EditJsonTypes.Default), Words))
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            UnmappedMemberHandling = unknown,
        };
        options.TypeInfoResolver = options.TypeInfoResolver!.WithAddedModifier(WireTimes.Form);
        options.Converters.Add(WireTimes.Durations);
        options.MakeReadOnly();
        return options;
    }
}
