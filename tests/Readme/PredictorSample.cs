using Flixstock.Engine;

namespace Flixstock.Tests.Readme;

/// <summary>The README's example, compiled; <see cref="ReadmeTests"/> compares the two.</summary>
internal static class PredictorSample
{
    public static void Run()
    {
        using var predictor = Predictor.Load("run/best.safetensors");
        foreach (var label in predictor.Predict("shirt.jpg").Labels)
            Console.WriteLine($"{label.Attribute}: {label.Label} ({label.Confidence:P0})");
    }
}
