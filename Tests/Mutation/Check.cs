namespace ClusterTools.Mutation;

/// <summary>What may notice a mutant.</summary>
/// <param name="stage">When its turn is.</param>
/// <param name="name">What people know it by.</param>
internal abstract class Check(Stage stage, string name)
{
    public Stage Stage => stage;

    public string Name => name;

    /// <summary>Looks once; throws what it finds wrong.</summary>
    public abstract void Run();
}
