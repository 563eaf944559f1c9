using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ClusterTools.Mutation;

/// <summary>An assembly that holds rules: its sources, and what the last build generated for it.</summary>
/// <param name="Name">Of the assembly.</param>
/// <param name="Folder">Path from the top of the repository.</param>
/// <param name="Trees">Its sources by path from the top of the repository; those of the build by their full path.</param>
internal sealed record Room(string Name, string Folder, IReadOnlyDictionary<string, SyntaxTree> Trees)
{
    private static readonly CSharpParseOptions Parsing = new(LanguageVersion.Latest, DocumentationMode.None);

    /// <summary>What every room may use: this program's own frameworks and packages.</summary>
    private static readonly MetadataReference[] Libraries =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("ClusterTools.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Reads the sources. The build must have been done: what it generates is read, too.</summary>
    public static Room Read(string root, string folder, string name)
    {
        string top = Path.Combine(root, folder);
        string made = Path.Combine(top, "obj", "Release", "net10.0");
        var trees = new SortedDictionary<string, SyntaxTree>(StringComparer.Ordinal);
        IEnumerable<string> sources = Directory.EnumerateFiles(top, "*.cs", SearchOption.AllDirectories)
            .Where(f => Path.GetRelativePath(top, f).Split(Path.DirectorySeparatorChar)[0] is not ("obj" or "bin"));
        string[] generated =
        [
            Path.Combine(made, $"{name}.GlobalUsings.g.cs"),
            Path.Combine(made, $"{name}.AssemblyInfo.cs"),
            .. Directory.Exists(Path.Combine(made, "generated"))
                ? Directory.EnumerateFiles(Path.Combine(made, "generated"), "*.cs", SearchOption.AllDirectories)
                : [],
        ];
        foreach (string file in sources.Concat(generated))
        {
            string path = Path.GetRelativePath(root, file).Replace('\\', '/');
            trees.Add(path, CSharpSyntaxTree.ParseText(File.ReadAllText(file), Parsing, path));
        }

        return new Room(name, folder, trees);
    }

    /// <summary>A source of its own, for tests.</summary>
    public static Room Of(string name, IReadOnlyDictionary<string, string> sources) =>
        new(name, "", sources.ToDictionary(s => s.Key, s => CSharpSyntaxTree.ParseText(s.Value, Parsing, s.Key)));

    /// <summary>The room with something besides, or instead.</summary>
    public Room With(string path, SyntaxNode root)
    {
        var trees = new SortedDictionary<string, SyntaxTree>(StringComparer.Ordinal);
        foreach ((string at, SyntaxTree tree) in Trees)
        {
            trees[at] = tree;
        }

        trees[path] = CSharpSyntaxTree.Create((CSharpSyntaxNode)root, Parsing, path);
        return this with { Trees = trees };
    }

    /// <summary>Source text as this room reads it.</summary>
    public static SyntaxNode Parse(string source) => CSharpSyntaxTree.ParseText(source, Parsing).GetRoot();

    public CSharpCompilation Compile(IEnumerable<MetadataReference> others) => CSharpCompilation.Create(
        Name,
        Trees.Values,
        [.. Libraries, .. others],
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release,
            nullableContextOptions: NullableContextOptions.Enable, warningLevel: 0));
}
