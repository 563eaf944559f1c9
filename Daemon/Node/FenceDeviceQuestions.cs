using ClusterTools.Fencing;

namespace ClusterTools.Node;

/// <summary>
/// Questions to fence devices how they are: one at a time for each device, since many serve one caller only, and few in all. Whoever asks
/// what is being asked already gets the same answer. A device that is needed in earnest is let go of.
/// </summary>
/// <param name="run">Calls the agent.</param>
internal sealed class FenceDeviceQuestions(Func<FenceRequest, CancellationToken, Task<FenceResult>> run) : IDisposable
{
    /// <summary>Agents that are asked at once.</summary>
    public const int AtOnce = 4;

    private readonly Lock gate = new();
    private readonly SemaphoreSlim places = new(AtOnce);
    private readonly Dictionary<string, Question> questions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Turn> turns = new(StringComparer.Ordinal);

    /// <summary>Asks, or joins who asks the same.</summary>
    /// <param name="key">What tells one question from another.</param>
    /// <param name="request">The call of the agent.</param>
    /// <param name="cancel">Leaves; when nobody waits for the answer any more, the agent is ended.</param>
    public async Task<FenceResult> AskAsync(string key, FenceRequest request, CancellationToken cancel)
    {
        Question question;
        lock (gate)
        {
            if (!questions.TryGetValue(key, out question!))
            {
                question = new Question(request.Device);
                questions.Add(key, question);
                question.Answer = Task.Run(() => RunAsync(key, question, request), CancellationToken.None);
            }

            question.Askers++;
        }

        try
        {
            return await question.Answer.WaitAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            lock (gate)
            {
                if (--question.Askers == 0 && questions.GetValueOrDefault(key) == question)
                {
                    // Whoever comes now asks anew.
                    questions.Remove(key);
                    question.End.Cancel();
                }
            }
        }
    }

    /// <summary>The device is needed for fencing: who only asks how it is has to leave it.</summary>
    public void LetGo(string device)
    {
        lock (gate)
        {
            foreach (Question question in questions.Values.Where(q => q.Device == device))
            {
                question.Yielded = true;
                question.End.Cancel();
            }
        }
    }

    /// <summary>Ends what is under way. The places stay, since they are still given back.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (Question question in questions.Values)
            {
                question.End.Cancel();
            }
        }
    }

    private async Task<FenceResult> RunAsync(string key, Question question, FenceRequest request)
    {
        Turn turn = Enter(request.Device);
        try
        {
            await turn.Free.WaitAsync(question.End.Token).ConfigureAwait(false);
            try
            {
                await places.WaitAsync(question.End.Token).ConfigureAwait(false);
                try
                {
                    return Told(question, request, await run(request, question.End.Token).ConfigureAwait(false));
                }
                finally
                {
                    places.Release();
                }
            }
            finally
            {
                turn.Free.Release();
            }
        }
        catch (OperationCanceledException)
        {
            return Told(
                question, request,
                new FenceResult { ActionId = request.ActionId, Success = false, Message = "Nobody waited for the answer any more." });
        }
        finally
        {
            lock (gate)
            {
                if (questions.GetValueOrDefault(key) == question)
                {
                    questions.Remove(key);
                }

                Leave(request.Device, turn);
                question.End.Dispose();
            }
        }
    }

    private static FenceResult Told(Question question, FenceRequest request, FenceResult result) => question.Yielded && !result.Success
        ? new FenceResult
        {
            ActionId = request.ActionId, Success = false,
            Message = $"Fence device '{request.Device}' is needed for fencing at this moment. Test it again when that has ended.",
        }
        : result;

    private Turn Enter(string device)
    {
        lock (gate)
        {
            if (!turns.TryGetValue(device, out Turn? turn))
            {
                turn = new Turn();
                turns.Add(device, turn);
            }

            turn.Waiting++;
            return turn;
        }
    }

    private void Leave(string device, Turn turn)
    {
        if (--turn.Waiting == 0)
        {
            turns.Remove(device);
            turn.Free.Dispose();
        }
    }

    private sealed class Question(string device)
    {
        public string Device => device;

        public CancellationTokenSource End { get; } = new();

        public Task<FenceResult> Answer { get; set; } = null!;

        public int Askers { get; set; }

        public bool Yielded { get; set; }
    }

    private sealed class Turn
    {
        public SemaphoreSlim Free { get; } = new(1);

        public int Waiting { get; set; }
    }
}
