namespace ClusterTools.Guests.Executing;

/// <summary>Sees to it that a guest runs.</summary>
internal static class GuestStart
{
    public static async Task<GuestAnswer> RunAsync(GuestCall call)
    {
        string name = call.Name;
        switch (await call.FindAsync().ConfigureAwait(false))
        {
            case null:
                return await FromOffAsync(call, isKnown: false).ConfigureAwait(false);
            case { Phase: GuestPhase.Off }:
                return await FromOffAsync(call, isKnown: true).ConfigureAwait(false);
            case { Job: GuestJob.MigrationIn or GuestJob.MigrationOut } guest:
                return GuestAnswer.Unknown(HeldGuest.Explain(name, guest.Job));
            case { } guest when GuestLook.WhyOpen(guest) is { } why:
                return GuestAnswer.Unknown(why);
            case { } guest when GuestLook.HasCrashed(guest):
                await call.ChangeAsync((host, cancel) => host.PowerOffAsync(name, cancel)).ConfigureAwait(false);
                // What ended may have been all that the host knew of it.
                bool isKnown = await call.FindAsync().ConfigureAwait(false) is not null;
                return await FromOffAsync(call, isKnown).ConfigureAwait(false);
            case { } guest when GuestLook.WhyBroken(guest) is { } why:
                return GuestAnswer.Broken($"{why} It must be stopped before it can be started.") with { Success = false };
            case { Phase: GuestPhase.Paused, Job: not GuestJob.None } guest:
                return GuestAnswer.Unknown(HeldGuest.Explain(name, guest.Job));
            case { Phase: GuestPhase.Paused }:
                await call.ChangeAsync((host, cancel) => host.ResumeAsync(name, cancel)).ConfigureAwait(false);
                return GuestAnswer.Running($"Guest '{name}' was paused, and goes on.");
            default:
                return GuestAnswer.Running($"Guest '{name}' runs already.");
        }
    }

    private static async Task<GuestAnswer> FromOffAsync(GuestCall call, bool isKnown)
    {
        if (call.Settings.Definition is { } file)
        {
            return await ByDefinitionAsync(call, file).ConfigureAwait(false);
        }

        if (!isKnown)
        {
            return GuestAnswer.CannotRun($"The host does not know guest '{call.Name}'. Define it there, or give 'definition'.");
        }

        await call.ChangeAsync((host, cancel) => host.StartAsync(call.Name, cancel)).ConfigureAwait(false);
        return GuestAnswer.Running($"Guest '{call.Name}' was started.");
    }

    private static async Task<GuestAnswer> ByDefinitionAsync(GuestCall call, string file)
    {
        string definition;
        try
        {
            definition = await DefinitionFile.ReadAsync(file, call.Name, call.Ending).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return GuestAnswer.CannotRun(
                $"The definition of guest '{call.Name}', '{file}', is not on this host. Put it there, or mount what it is on.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return GuestAnswer.Unknown($"The definition of guest '{call.Name}' can't be read: {e.Message.TrimEnd('.')}.");
        }

        if (call.Settings.IsTransient)
        {
            await call.ChangeAsync((host, cancel) => host.StartTransientAsync(definition, cancel)).ConfigureAwait(false);
        }
        else
        {
            await call.ChangeAsync((host, cancel) => host.DefineAsync(definition, cancel)).ConfigureAwait(false);
            await call.ChangeAsync((host, cancel) => host.StartAsync(call.Name, cancel)).ConfigureAwait(false);
        }

        return GuestAnswer.Running($"Guest '{call.Name}' was started as '{file}' defines it.");
    }
}
