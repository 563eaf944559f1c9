namespace ClusterTools.Client;

/// <summary>What is wrong with what was given, seen before it is sent.</summary>
internal static class EditErrors
{
    /// <summary>A file is not there, or can't be read or written.</summary>
    public const string FileUnusable = "file-unusable";

    public static ClusterApiException File(string path, string why, string remedy) => Make(FileUnusable, $"'{path}': {why}", remedy);

    public static ClusterApiException Invalid(string message, string remedy) => Make(ProblemCodes.BadRequest, message, remedy);

    private static ClusterApiException Make(string code, string detail, string remedy) =>
        new(new Problem { Code = code, Status = 400, Title = detail, Detail = detail, Remedy = remedy });
}
