namespace Flixstock.Engine;

/// <summary>
/// Thresholds and temperature fitted on annotated pictures after the training: how to read the network's scores.
/// </summary>
/// <param name="Thresholds">[classes] a calibrated probability above it means that the class is present.</param>
/// <param name="Temperature">Scores are divided by it before they become probabilities.</param>
public sealed record ClassCalibration(IReadOnlyList<float> Thresholds, double Temperature)
{
    /// <summary>Checks the numbers.</summary>
    /// <param name="classes">Number of classes of the model.</param>
    /// <exception cref="InputException">
    /// Not one threshold from 0 to 1 for every class, or a temperature that is not above 0.
    /// </exception>
    public void Require(int classes)
    {
        if (Thresholds.Count != classes)
        {
            throw new InputException($"there are {Thresholds.Count} thresholds for {classes} classes; "
                + $"fit them again with {Term.CalibrationFit}");
        }

        if (Thresholds.Any(value => value is not (>= 0 and <= 1)))
            throw new InputException($"a threshold is not between 0 and 1; fit them again with {Term.CalibrationFit}");
        if (!double.IsFinite(Temperature) || Temperature <= 0)
        {
            throw new InputException($"the temperature is {Temperature}, it must be above 0; "
                + $"fit it again with {Term.CalibrationFit}");
        }
    }
}
