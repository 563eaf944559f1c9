using System.Collections.Immutable;
using System.Text;

namespace ClusterTools.Agents;

/// <summary>
/// A plain executable. <c>mode=script</c> (default): called with its own arguments and then <c>start</c>, <c>stop</c> or
/// <c>status</c>; exit codes as an init script's. <c>mode=async</c>: the process is the resource (<see cref="AsyncProgram"/>).
/// Parameters come as <c>CLUSTER_PARAM_name</c> in the environment.
/// </summary>
internal sealed class ExecAgent : Agent
{
    private const string ModeParameter = "mode";

    private ExecAgent(string program, ImmutableArray<string> arguments, bool isAsync, ResourceAgentOptions options)
        : base(options)
    {
        Program = program;
        Arguments = arguments;
        IsAsync = isAsync;
    }

    public string Program { get; }

    public override string File => Program;

    public ImmutableArray<string> Arguments { get; }

    /// <summary>The process itself is the resource.</summary>
    public bool IsAsync { get; }

    public static ExecAgent Create(string commandLine, ImmutableSortedDictionary<string, string> parameters, ResourceAgentOptions options)
    {
        ImmutableArray<string> words = Split(commandLine);
        if (words.IsEmpty || !Path.IsPathRooted(words[0]))
        {
            throw new ResourceAgentException(
                $"'exec:{commandLine}' is not an absolute path. Write exec:/path/to/program and its arguments.", ExitArguments);
        }

        return parameters.GetValueOrDefault(ModeParameter, "script") switch
        {
            "script" => new ExecAgent(words[0], words[1..], isAsync: false, options),
            "async" => new ExecAgent(words[0], words[1..], isAsync: true, options),
            var mode =>
                throw new ResourceAgentException($"mode={mode} of 'exec:{commandLine}' is unknown. Write script or async.", ExitArguments),
        };
    }

    public override AgentCall Prepare(ResourceRequest request)
    {
        // What is already running is asked and stopped by its process, whether its file is still there or not.
        if ((!IsAsync || request.Operation == ResourceOperation.Start) && !System.IO.File.Exists(Program))
        {
            throw new ResourceAgentException(
                $"There is no program '{Program}' here. Install it on this node, or correct the path.", ExitNotInstalled);
        }

        ImmutableArray<string> arguments = IsAsync ? Arguments : Arguments.Add(WordFor(request.Operation));
        return new AgentCall(Program, arguments, AgentEnvironment.CreateForProgram(Options, request).ToImmutable());
    }

    public override AgentVerdict Judge(ResourceOperation operation, int exitCode, string output) => ExitCodes.Script(operation, exitCode);

    public override Task<AgentMetadata> DescribeAsync(CancellationToken cancel) => Task.FromResult(new AgentMetadata
    {
        Agent = $"exec:{Program}",
        ShortDescription = "Executable",
        LongDescription =
            $"The program {Program}. mode=script: called with start, stop or status as its last argument, exit codes as LSB 5.0 has them. "
            + "mode=async: start runs it in a session of its own, status says whether it lives, stop ends its process group. "
            + "Every parameter reaches it as CLUSTER_PARAM_name in its environment.",
        Parameters =
        [
            new()
            {
                Name = ModeParameter,
                Type = "select",
                Default = "script",
                ShortDescription = "script, or async where the process itself is the resource",
            },
            new()
            {
                Name = AsyncProgram.SettleParameter,
                Type = "integer",
                Default = "100",
                ShortDescription = "async: milliseconds it must live to count as started",
            },
        ],
        Actions = ScriptActions.All,
    });

    /// <summary>Words at blanks; single and double quotes and a backslash keep blanks, as in a shell. Nothing is expanded.</summary>
    internal static ImmutableArray<string> Split(string commandLine)
    {
        var words = ImmutableArray.CreateBuilder<string>();
        var word = new StringBuilder();
        bool inWord = false;
        char quote = '\0';
        for (int index = 0; index < commandLine.Length; index++)
        {
            char c = commandLine[index];
            if (c == '\\' && quote != '\'' && index + 1 < commandLine.Length && !OperatingSystem.IsWindows())
            {
                word.Append(commandLine[++index]);
                inWord = true;
            }
            else if (quote != '\0' && c == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && c is '"' or '\'')
            {
                quote = c;
                inWord = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (inWord)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    inWord = false;
                }
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }

        if (quote != '\0')
        {
            throw new ResourceAgentException($"'exec:{commandLine}' has a {quote} without its end.", ExitArguments);
        }

        if (inWord)
        {
            words.Add(word.ToString());
        }

        return words.DrainToImmutable();
    }
}
