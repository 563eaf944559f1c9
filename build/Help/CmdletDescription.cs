using System.Reflection;
using System.Runtime.Loader;

namespace ClusterTools.Build.Help;

/// <summary>A cmdlet as its class declares it. Read from metadata: no code of it runs, and no PowerShell is needed.</summary>
internal sealed record CmdletDescription
{
    /// <summary>The name that PowerShell gives the set when a cmdlet names none.</summary>
    public const string AllSets = "__AllParameterSets";

    private const string Automation = "System.Management.Automation.";

    /// <summary>Its class.</summary>
    public required Type Type { get; init; }

    public required string Verb { get; init; }

    public required string Noun { get; init; }

    public string Name => $"{Verb}-{Noun}";

    /// <summary>It takes -WhatIf and -Confirm.</summary>
    public required bool ShouldProcess { get; init; }

    /// <summary>The set that is taken when nothing tells them apart.</summary>
    public required string? DefaultSet { get; init; }

    /// <summary>In the order of declaration, those of the cmdlet before those of its bases.</summary>
    public required IReadOnlyList<ParameterDescription> Parameters { get; init; }

    /// <summary>What it says that it writes.</summary>
    public required IReadOnlyList<Type> Outputs { get; init; }

    /// <summary>Objects of scripts that it says that it writes, by their type names.</summary>
    public required IReadOnlyList<string> ScriptOutputs { get; init; }

    /// <summary>Names of its parameter sets, the default one first; one at least.</summary>
    public IReadOnlyList<string> Sets
    {
        get
        {
            string[] named =
                [
                    .. Parameters.SelectMany(p => p.Sets.Keys).Where(s => s != AllSets).Distinct(StringComparer.Ordinal)
                    .OrderByDescending(s => s == DefaultSet)];
            return named.Length == 0 ? [AllSets] : named;
        }
    }

    /// <summary>Parameters of a set: those with a position first, then mandatory ones, then the others.</summary>
    public IEnumerable<(ParameterDescription Parameter, ParameterUse Use)> InSet(string set) => Parameters
        .Select(p => (Parameter: p, Use: p.Sets.GetValueOrDefault(set) ?? p.Sets.GetValueOrDefault(AllSets)!))
        .Where(p => p.Use is not null)
        .OrderBy(p => p.Use.Position ?? int.MaxValue)
        .ThenByDescending(p => p.Use.Mandatory);

    /// <summary>Every cmdlet of an assembly, by name.</summary>
    public static IReadOnlyList<CmdletDescription> ReadAll(Assembly assembly) =>
        [
            .. assembly.GetTypes().Where(t => !t.IsAbstract).Select(Read).OfType<CmdletDescription>()
            .OrderBy(c => c.Name, StringComparer.Ordinal)];

    /// <summary>Loads an assembly of cmdlets with what lies beside it.</summary>
    /// <param name="path">PowerShell's reference assembly must be in the same folder.</param>
    public static Assembly Load(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var context = new AssemblyLoadContext("cmdlets");
        context.Resolving += (_, name) =>
            Path.Combine(folder, name.Name + ".dll") is var file && File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
        return context.LoadFromAssemblyPath(Path.GetFullPath(path));
    }

    private static CmdletDescription? Read(Type type)
    {
        if (Attributes(type, "CmdletAttribute").FirstOrDefault() is not { } cmdlet)
        {
            return null;
        }

        return new CmdletDescription
        {
            Type = type,
            Verb = (string)cmdlet.ConstructorArguments[0].Value!,
            Noun = (string)cmdlet.ConstructorArguments[1].Value!,
            ShouldProcess = Named(cmdlet, "SupportsShouldProcess") is true,
            DefaultSet = Named(cmdlet, "DefaultParameterSetName") as string,
            Parameters = [.. Declared(type).DistinctBy(p => p.Name).Select(ParameterDescription.Read).OfType<ParameterDescription>()],
            Outputs = [.. Written(type).OfType<Type>().Distinct()],
            ScriptOutputs = [.. Written(type).OfType<string>().Distinct()],
        };
    }

    private static IEnumerable<object?> Written(Type type) => Attributes(type, "OutputTypeAttribute")
        .SelectMany(o => o.ConstructorArguments)
        .SelectMany(a => a.Value is IReadOnlyCollection<CustomAttributeTypedArgument> several ? several.Select(s => s.Value) : [a.Value]);

    private static IEnumerable<PropertyInfo> Declared(Type type)
    {
        for (Type? at = type; at is not null
            && at.Namespace?.StartsWith("ClusterTools", StringComparison.Ordinal) == true; at = at.BaseType)
        {
            foreach (PropertyInfo property in at.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            {
                yield return property;
            }
        }
    }

    /// <summary>Attributes of PowerShell's, by class name.</summary>
    internal static IEnumerable<CustomAttributeData> Attributes(MemberInfo member, string name) =>
        member.CustomAttributes.Where(a => a.AttributeType.FullName == Automation + name);

    /// <summary>A named argument's value; null: not given.</summary>
    internal static object? Named(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.Where(a => a.MemberName == name).Select(a => a.TypedValue.Value).FirstOrDefault();
}

/// <summary>A parameter of a cmdlet.</summary>
internal sealed record ParameterDescription
{
    public required PropertyInfo Property { get; init; }

    public string Name => Property.Name;

    /// <summary>The type that is bound, without Nullable.</summary>
    public Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    public required IReadOnlyList<string> Aliases { get; init; }

    /// <summary>How it is used in each parameter set that it belongs to.</summary>
    public required IReadOnlyDictionary<string, ParameterUse> Sets { get; init; }

    public required bool Wildcards { get; init; }

    /// <summary>The values there are; empty: not a fixed list.</summary>
    public required IReadOnlyList<string> Values { get; init; }

    public bool IsSwitch => Type.Name == "SwitchParameter";

    public static ParameterDescription? Read(PropertyInfo property)
    {
        CustomAttributeData[] parameters = [.. CmdletDescription.Attributes(property, "ParameterAttribute")];
        if (parameters.Length == 0)
        {
            return null;
        }

        Type bound = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        Type single = bound.IsArray ? bound.GetElementType()! : bound;
        return new ParameterDescription
        {
            Property = property,
            Aliases = [.. CmdletDescription.Attributes(property, "AliasAttribute").SelectMany(Strings)],
            Sets =
            parameters.ToDictionary(p => CmdletDescription.Named(p, "ParameterSetName") as string
                ?? CmdletDescription.AllSets, ParameterUse.Read, StringComparer.Ordinal),
            Wildcards = CmdletDescription.Attributes(property, "SupportsWildcardsAttribute").Any(),
            Values = single.IsEnum ? Enum.GetNames(single)
            : [.. CmdletDescription.Attributes(property, "ValidateSetAttribute").SelectMany(Strings)],
        };
    }

    private static IEnumerable<string> Strings(CustomAttributeData attribute) => attribute.ConstructorArguments
        .Select(a => a.Value).OfType<IReadOnlyCollection<CustomAttributeTypedArgument>>().SelectMany(v => v).Select(v => v.Value)
        .OfType<string>();
}

/// <summary>A parameter within a parameter set.</summary>
/// <param name="Mandatory">It must be given.</param>
/// <param name="Position">Null: by name only.</param>
/// <param name="ByValue">It takes objects of the pipeline.</param>
/// <param name="ByPropertyName">It takes properties of its name of objects of the pipeline.</param>
internal sealed record ParameterUse(bool Mandatory, int? Position, bool ByValue, bool ByPropertyName)
{
    public static ParameterUse Read(CustomAttributeData attribute) => new(
        CmdletDescription.Named(attribute, "Mandatory") is true,
        CmdletDescription.Named(attribute, "Position") as int?,
        CmdletDescription.Named(attribute, "ValueFromPipeline") is true,
        CmdletDescription.Named(attribute, "ValueFromPipelineByPropertyName") is true);
}
