namespace ClusterTools.Cmdlets;

/// <content>Adding, changing and removing things by their names.</content>
public abstract partial class ClusterConfigurationCmdlet
{
    /// <summary>Adds a thing and writes it as it is when all has come to rest.</summary>
    /// <param name="noun">What it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="edit">What it is to be.</param>
    private protected void Add<T>(Noun<T> noun, string name, Func<ConfigurationEdit> edit)
        where T : class => Attempt(name, () =>
    {
        ConfigurationEdit adding = edit();
        adding.Action = EditAction.Add;
        EditAndWrite(name, $"Adding {noun.What} {name}", adding, () => WriteNow(noun, name));
    });

    /// <summary>Changes things, one after the other, and writes each as it is when all has come to rest.</summary>
    /// <param name="noun">What they are.</param>
    /// <param name="names">Names and wildcards.</param>
    /// <param name="edit">What is to change of one.</param>
    private protected void Set<T>(Noun<T> noun, string[] names, Func<T, ConfigurationEdit> edit)
        where T : class => Attempt(names, () =>
    {
        foreach (T thing in Select(noun, names))
        {
            string name = noun.NameOf(thing);
            EditAndWrite(name, $"Changing {noun.What} {name}", edit(thing), () => WriteNow(noun, name));
        }
    });

    /// <summary>Removes things, one after the other.</summary>
    /// <param name="noun">What they are.</param>
    /// <param name="names">Names and wildcards.</param>
    /// <param name="giveBack">Writes each as it was.</param>
    /// <param name="edit">The removal of one.</param>
    /// <param name="wait">What is done while it is waited for the end, such as <c>Stopping</c>; null: as long as one is removed.</param>
    private protected void Remove<T>(Noun<T> noun, string[] names, bool giveBack, Func<T, ConfigurationEdit> edit, string? wait = null)
        where T : class => Attempt(names, () =>
    {
        foreach (T thing in Select(noun, names))
        {
            string name = noun.NameOf(thing);
            Remove(
                name, $"Removing {noun.What} {name}", edit(thing), giveBack ? thing : null,
                wait is null ? null : $"{wait} {noun.What} {name}");
        }
    });

    /// <summary>Writes the one thing of a name as it is now.</summary>
    private protected void WriteNow<T>(Noun<T> noun, string name)
        where T : class => Attempt(name, () => WriteClusterObject(SelectOne(noun, ObjectNames.Remember(name, anyCase: false))));

    /// <summary>What a switch was given as; null: it was not given.</summary>
    private protected bool? Given(string parameter, SwitchParameter value) => IsGiven(parameter) ? value.IsPresent : null;

    /// <summary>Whether a parameter was given, on the command line or by the pipeline.</summary>
    private protected bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
