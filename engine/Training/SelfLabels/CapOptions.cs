namespace Flixstock.Engine;

/// <summary>
/// Class-distribution-aware pseudo-labels (Xie et al., "Class-Distribution-Aware Pseudo-Labeling for Semi-Supervised
/// Multi-Label Learning", 2023: run_CAP.py of milkxie/SSMLL-CAP). After each epoch the weight average scores the
/// training pictures; of the n unknown labels of a class, of whose labels the share pi is positive, the
/// a pi n highest become positives and the b (1 - pi) n lowest negatives, until the next epoch ends.
/// </summary>
/// <param name="Positives">a, 0 to 1.</param>
/// <param name="Negatives">b, 0 to 1.</param>
/// <param name="Warmup">Epochs that are trained without pseudo-labels.</param>
public sealed record CapOptions(double Positives = 1, double Negatives = 1, int Warmup = 5);
