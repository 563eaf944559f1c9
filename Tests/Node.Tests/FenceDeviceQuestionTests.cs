using ClusterTools.Fencing;
using Xunit;

namespace ClusterTools.Node.Tests;

public sealed class FenceDeviceQuestionTests
{
    private static FenceRequest Request(string device) => new()
    {
        ActionId = Guid.NewGuid().ToString("N"),
        Target = "n1",
        Device = device,
        Agent = "fence_x",
        Operation = FenceOperation.Status,
        Timeout = TimeSpan.FromSeconds(1),
        Parameters = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty,
    };

    private static CancellationToken Limit => new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    /// <summary>Agents that answer when told to.</summary>
    private sealed class Agents
    {
        private readonly Lock gate = new();
        private readonly Dictionary<string, int> running = [];

        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Calls { get; private set; }

        public int MostOfOne { get; private set; }

        public int MostInAll { get; private set; }

        public SemaphoreSlim Called { get; } = new(0);

        public async Task<FenceResult> RunAsync(FenceRequest request, CancellationToken cancel)
        {
            lock (gate)
            {
                Calls++;
                running[request.Device] = running.GetValueOrDefault(request.Device) + 1;
                MostOfOne = Math.Max(MostOfOne, running[request.Device]);
                MostInAll = Math.Max(MostInAll, running.Values.Sum());
            }

            Called.Release();
            try
            {
                await Answer.Task.WaitAsync(cancel);
                return new FenceResult { ActionId = request.ActionId, Success = true, ExitCode = 0, Message = "on" };
            }
            catch (OperationCanceledException)
            {
                return new FenceResult { ActionId = request.ActionId, Success = false, Message = "cancelled" };
            }
            finally
            {
                lock (gate)
                {
                    running[request.Device]--;
                }
            }
        }
    }

    [Fact]
    public async Task However_often_the_same_is_asked_one_agent_runs_and_all_get_its_answer()
    {
        var agents = new Agents();
        using var tests = new FenceDeviceQuestions(agents.RunAsync);
        Task<FenceResult>[] askers = [.. Enumerable.Range(0, 301).Select(_ => tests.AskAsync("n1/pdu", Request("pdu"), Limit))];
        await agents.Called.WaitAsync(Limit);
        agents.Answer.SetResult();
        Assert.All(await Task.WhenAll(askers), r => Assert.True(r.Success));
        Assert.Equal(1, agents.Calls);
    }

    [Fact]
    public async Task A_device_is_asked_one_question_at_a_time_and_few_devices_at_once()
    {
        var agents = new Agents();
        using var tests = new FenceDeviceQuestions(agents.RunAsync);
        Task<FenceResult>[] askers =
            [
                .. from device in Enumerable.Range(0, 20) from node in Enumerable.Range(0, 5) select tests
                .AskAsync($"n{node}/{device}", Request($"d{device}"), Limit)];
        for (int i = 0; i < FenceDeviceQuestions.AtOnce; i++)
        {
            await agents.Called.WaitAsync(Limit);
        }

        agents.Answer.SetResult();
        Assert.All(await Task.WhenAll(askers), r => Assert.True(r.Success));
        Assert.Equal(100, agents.Calls);
        Assert.Equal(1, agents.MostOfOne);
        Assert.InRange(agents.MostInAll, 1, FenceDeviceQuestions.AtOnce);
    }

    [Fact]
    public async Task When_nobody_waits_any_more_the_agent_is_ended_and_the_next_one_asks_anew()
    {
        var agents = new Agents();
        using var tests = new FenceDeviceQuestions(agents.RunAsync);
        using var leaving = new CancellationTokenSource();
        Task<FenceResult> first = tests.AskAsync("n1/pdu", Request("pdu"), leaving.Token);
        await agents.Called.WaitAsync(Limit);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Task<FenceResult> second = tests.AskAsync("n1/pdu", Request("pdu"), Limit);
        await agents.Called.WaitAsync(Limit);
        agents.Answer.SetResult();
        Assert.True((await second).Success);
        Assert.Equal(1, agents.MostOfOne);
    }

    [Fact]
    public async Task A_device_that_is_needed_for_fencing_is_let_go_of()
    {
        var agents = new Agents();
        using var tests = new FenceDeviceQuestions(agents.RunAsync);
        Task<FenceResult> asking = tests.AskAsync("n1/pdu", Request("pdu"), Limit);
        await agents.Called.WaitAsync(Limit);
        tests.LetGo("other");
        Assert.False(asking.IsCompleted);
        tests.LetGo("pdu");
        Assert.Contains("needed for fencing", (await asking).Message, StringComparison.Ordinal);
    }
}
