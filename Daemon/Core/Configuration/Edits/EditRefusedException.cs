namespace ClusterTools.Core.Configuration;

/// <summary>An edit can't be made on this configuration: what is wrong, and what to do.</summary>
public sealed class EditRefusedException : Exception
{
    private EditRefusedException(EditRefusal reason, string message, string remedy)
        : base(message)
    {
        Reason = reason;
        Remedy = remedy;
    }

    public EditRefusal Reason { get; }

    /// <summary>What to do; empty where the names that are there say it.</summary>
    public string Remedy { get; }

    /// <summary>The name that is not there.</summary>
    public string Missing { get; private init; } = "";

    /// <summary>Names that are there instead.</summary>
    public IReadOnlyList<string> There { get; private init; } = [];

    internal static EditRefusedException NotFound(string what, string name, IEnumerable<string> there) =>
        new(EditRefusal.NotFound, $"There is no {what} '{name}'.", "") { Missing = name, There = [.. there] };

    internal static EditRefusedException Exists(string what, string name) =>
        new(EditRefusal.AlreadyExists, $"There is a {what} '{name}' already.", "Choose another name, or change the one that is there.");

    internal static EditRefusedException Used(string what, string name, string by, IReadOnlyCollection<string> users, string remedy) =>
        new(
            EditRefusal.InUse, $"The {what} '{name}' is used by {by} {string.Join(", ", users.Take(10))}{(users.Count > 10 ? " …" : "")}.",
            remedy);

    internal static EditRefusedException Invalid(string message, string remedy) => new(EditRefusal.Invalid, message, remedy);
}
