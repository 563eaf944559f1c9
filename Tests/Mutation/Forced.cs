namespace ClusterTools.Mutation;

/// <summary>What a condition may be made, where nothing else already comes to the same.</summary>
[Flags]
internal enum Forced
{
    None = 0,
    True = 1,
    False = 2,
    Both = True | False,
}
