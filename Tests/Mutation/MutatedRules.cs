using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ClusterTools.Mutation;

/// <summary>Rooms with every mutant of the subjects in them, compiled once; those that don't compile are dropped one by one.</summary>
internal sealed class MutatedRules
{
    private const int MostRounds = 40;
    private const string SwitchPath = "Chosen.cs";

    private readonly Room[] rooms;
    private readonly HashSet<string> subjects;
    private readonly SemanticModel[][] models;
    private readonly HashSet<int> dropped = [];
    private MutantList list = new(new HashSet<int>());

    private MutatedRules(Room[] rooms, IEnumerable<string> subjects)
    {
        // All others see the one that is first.
        this.rooms = [rooms[0].With(SwitchPath, Room.Parse(Switch.Source)), .. rooms.Skip(1)];
        this.subjects = [.. subjects];
        var before = new List<MetadataReference>();
        models = new SemanticModel[rooms.Length][];
        for (int i = 0; i < rooms.Length; i++)
        {
            CSharpCompilation compilation = this.rooms[i].Compile(before);
            models[i] =
            [
                .. this.rooms[i].Trees.Where(t => this.subjects.Contains(t.Key)).Select(t => compilation.GetSemanticModel(t.Value)),
            ];
            before.Add(compilation.ToMetadataReference());
        }
    }

    /// <summary>Those that compile.</summary>
    public IReadOnlyList<Mutant> Mutants => [.. list.All.Where(m => !dropped.Contains(m.Id))];

    /// <summary>Those that don't.</summary>
    public IReadOnlyList<Mutant> Dropped => [.. list.All.Where(m => dropped.Contains(m.Id))];

    /// <summary>The assemblies, by name.</summary>
    public Dictionary<string, byte[]> Images { get; } = new(StringComparer.Ordinal);

    /// <summary>Mutates and compiles.</summary>
    /// <param name="rooms">What is compiled, each seeing those before it.</param>
    /// <param name="subjects">Paths of the files that are changed.</param>
    public static MutatedRules Of(Room[] rooms, IEnumerable<string> subjects)
    {
        var rules = new MutatedRules(rooms, subjects);
        for (int round = 0; !rules.Compiles(); round++)
        {
            if (round == MostRounds)
            {
                throw new InvalidOperationException($"After {MostRounds} times the mutated rules still don't compile.");
            }
        }

        return rules;
    }

    private bool Compiles()
    {
        Images.Clear();
        list = new MutantList(dropped);
        var mutated = new Room[rooms.Length];
        for (int i = 0; i < rooms.Length; i++)
        {
            mutated[i] = rooms[i];
            foreach (SemanticModel model in models[i])
            {
                string path = model.SyntaxTree.FilePath;
                mutated[i] = mutated[i].With(path, new Mutator(model, path, list).Visit(model.SyntaxTree.GetRoot())!);
            }
        }

        var before = new List<MetadataReference>();
        foreach (Room room in mutated)
        {
            using var image = new MemoryStream();
            var result = room.Compile(before).Emit(image);
            if (!result.Success)
            {
                Drop(result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error));
                return false;
            }

            Images.Add(room.Name, image.ToArray());
            before.Add(MetadataReference.CreateFromImage(image.ToArray()));
        }

        return true;
    }

    private void Drop(IEnumerable<Diagnostic> errors)
    {
        int before = dropped.Count;
        var said = new List<string>();
        foreach (Diagnostic error in errors)
        {
            SyntaxNode at = error.Location.SourceTree!.GetRoot().FindNode(error.Location.SourceSpan, getInnermostNodeForTie: true);
            said.Add($"{error.Location.SourceTree.FilePath}: {error.GetMessage()} {MutantList.InOneLine(at)}");
            if (InnermostOf(at) is { } own)
            {
                dropped.Add(own);
            }
            else if (error.Id == "CS0165")
            {
                // It is not assigned where it is used, because of one that stands where it is assigned.
                dropped.UnionWith(Within(at).Select(id => list.All[id]).Where(m => m.Declares.Contains(at.ToString())).Select(m => m.Id));
            }
            else
            {
                dropped.UnionWith(Within(at));
            }
        }

        if (dropped.Count == before)
        {
            throw new InvalidOperationException(
                $"The mutated rules don't compile, whichever mutants are dropped:\n{string.Join('\n', said)}");
        }
    }

    private int? InnermostOf(SyntaxNode node) => node.AncestorsAndSelf().SelectMany(Ids).Where(id => !dropped.Contains(id))
        .Select(id => (int?)id).FirstOrDefault();

    /// <summary>Those in the same function.</summary>
    private static IEnumerable<int> Within(SyntaxNode node) =>
        node.AncestorsAndSelf().OfType<MemberDeclarationSyntax>().First().DescendantNodes().SelectMany(Ids);

    private static IEnumerable<int> Ids(SyntaxNode node) => node.GetAnnotations(Switch.Annotation).Select(a => int.Parse(a.Data!));
}
