namespace ClusterTools.Core.Configuration;

/// <content>Guests that the daemon runs by itself.</content>
public static partial class ConfigurationValidation
{
    private static void Guest(string path, ResourceConfiguration resource, ProblemList problems)
    {
        if (!GuestSettings.Is(resource.Agent) || resource.Parameters is null)
        {
            return;
        }

        foreach ((string name, string value) in resource.Parameters)
        {
            if (value is not null && GuestSettings.WhyWrong(name, value) is { } wrong)
            {
                problems.Error($"{path}/parameters/{name}", wrong.Message, wrong.Remedy);
            }
        }

        GuestSettings settings = GuestSettings.Of(resource.Parameters);
        if (settings is { IsTransient: true, Definition: null })
        {
            problems.Error(
                $"{path}/parameters/transient", $"Guest '{resource.Id}' is transient and has no definition: no host could start it.",
                "Give 'definition', the file with its definition, at the same path on every host.");
        }

        if (settings.ShutdownWait is { } wait && wait * 1000L >= resource.StopTimeout)
        {
            problems.Error(
                $"{path}/parameters/shutdown_wait",
                $"Guest '{resource.Id}' may take {wait} s to shut down, and its stop is given up after "
                    + $"{resource.StopTimeout / 1000m:0.#} s.",
                "Give a longer stopTimeout, or a shorter shutdown_wait: switching it off takes a few seconds beyond.");
        }
    }
}
