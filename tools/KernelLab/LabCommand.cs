using System.CommandLine;
using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>The laboratory's command line: 0 all agrees, 1 a kernel is wrong, 2 wrong arguments.</summary>
internal static class LabCommand
{
    /// <summary>Runs one command.</summary>
    public static int Run(string[] arguments, TextWriter output, TextWriter error)
    {
        try
        {
            return Root(output).Parse(arguments).Invoke(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error });
        }
        catch (InputException e)
        {
            error.WriteLine($"error: {e.Message}");
            return 2;
        }
        catch (EngineException e)
        {
            error.WriteLine($"error: {e.Message}");
            return 1;
        }
    }

    private static RootCommand Root(TextWriter output)
    {
        var folder = new Option<string?>("--kernels")
        {
            Description = "Folder with .cu files to use instead of the embedded ones; for compare: the second version.",
            Recursive = true,
        };
        KernelSources Sources(ParseResult parsed) =>
            parsed.GetValue(folder) is { } path ? KernelSources.FromFolder(path, "--kernels") : KernelSources.Default;
        return new RootCommand("Tries CUDA kernels one by one: on an emulator that checks every access, or on a GPU.")
        {
            folder,
            List(output, Sources),
            Compile(output, Sources),
            StepModelCommand.Create(output),
            Case(
                "run", "Run cases: against the reference kernels, and what the kernels did or how long they took.",
                (request, parsed) =>
                {
                    var run = Lab.Run(request, Sources(parsed));
                    LabPages.Run(output, run);
                    return run.IsGood;
                }),
            Case(
                "compare", "Run cases with the embedded kernels and with those of --kernels, side by side.",
                (request, parsed) =>
                {
                    var path = parsed.GetValue(folder) ?? throw new InputException(
                        "compare needs --kernels FOLDER, the version to set beside the embedded one");
                    var (embedded, edited) = (
                        Lab.Run(request, KernelSources.Embedded),
                        Lab.Run(request, KernelSources.FromFolder(path, "--kernels")));
                    LabPages.Compare(output, embedded, edited);
                    return embedded.IsGood && edited.IsGood;
                }),
        };
    }

    private static Command List(TextWriter output, Func<ParseResult, KernelSources> sources)
    {
        var part = new Argument<string?>("part")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "Of a kernel's or file's name.",
        };
        var command = new Command("list", "Kernels with their files and cases.") { part };
        command.SetAction(parsed => LabPages.List(output, sources(parsed), parsed.GetValue(part)));
        return command;
    }

    private static Command Compile(TextWriter output, Func<ParseResult, KernelSources> sources)
    {
        var file = new Argument<string>("file") { Description = "Without its ending: inplace_abn." };
        var architecture = new Option<string>("--architecture")
        {
            DefaultValueFactory = _ => "sm_90",
            Description = "sm_75, sm_80, sm_90, as far as NVRTC knows it.",
        };
        var ptx = new Option<string?>("--ptx") { Description = "File for the PTX." };
        var command = new Command("compile", "Compile a file: registers, shared memory and spills of every entry.")
        {
            file, architecture, ptx,
        };
        command.SetAction(parsed => LabPages.Compile(
            output, sources(parsed), parsed.GetValue(file)!, parsed.GetValue(architecture)!, parsed.GetValue(ptx)));
        return command;
    }

    private static Command Case(string name, string description, Func<LabRequest, ParseResult, bool> run)
    {
        var part =
            new Argument<string>("case") { Description = "Part of the cases' names, as 'list' shows them: AbnApply." };
        var device = new Option<string>("--device")
        {
            DefaultValueFactory = _ => "emulator",
            Description = "emulator, cuda or cuda:n.",
        };
        var type = new Option<string?>("--type")
        {
            Description = "f32, f16 or bf16; without it all three (bf16 where time is measured).",
        };
        var shape = new Option<string?>("--shape")
        {
            Description = "N,H,W,C of activations; without it small odd ones, and 512,56,56,64 where time is measured.",
        };
        var command = new Command(name, description) { part, device, type, shape };
        command.SetAction(parsed => run(
            new LabRequest(
                parsed.GetValue(part)!, Device(parsed.GetValue(device)!), Type(parsed.GetValue(type)),
                ShapeOf(parsed.GetValue(shape))),
            parsed)
            ? 0
            : 1);
        return command;
    }

    private static string Device(string name) =>
        name is "emulator" or "cuda" || name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name["cuda:".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? name
            : throw new InputException($"--device {name}: give emulator, cuda or cuda:n");

    private static ElementType? Type(string? name) => name switch
    {
        null => null,
        "f32" => ElementType.Float32,
        "f16" => ElementType.Float16,
        "bf16" => ElementType.BFloat16,
        _ => throw new InputException($"--type {name}: give f32, f16 or bf16"),
    };

    private static Shape? ShapeOf(string? text)
    {
        if (text is null)
            return null;
        var extents = text.Split(',').Select(
            part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var extent) ? extent : 0)
            .ToArray();
        return extents.Length == 4 && extents.All(extent => extent > 0)
            ? new Shape(extents[0], extents[1], extents[2], extents[3])
            : throw new InputException($"--shape {text}: give four whole numbers, as 64,56,56,64");
    }
}
