using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Labels of pictures as a table.</summary>
internal static class PredictionPages
{
    /// <summary>
    /// One row per picture; if there is no room for the attributes next to each other, one below the other.
    /// </summary>
    public static void Print(
        Terminal terminal, AttributeTable attributes, IReadOnlyList<(string Name, Prediction Prediction)> pictures)
    {
        var page = Wide(attributes, pictures);
        terminal.Table(terminal.LineWidth is { } width && !attributes.Independent && !TableText.HasRoom(page, width)
            ? Tall(attributes, pictures)
            : page);
    }

    private static TablePage Wide(
        AttributeTable attributes, IReadOnlyList<(string Name, Prediction Prediction)> pictures) =>
        new(
            Title(attributes),
            [TableColumn.Name("picture"), .. attributes.Groups.Select(
                group => attributes.Independent ? TableColumn.Text(group.Name) : TableColumn.Name(group.Name))],
            [.. pictures.Select(picture => new TableRow([picture.Name, .. Cells(attributes, picture.Prediction)]))]);

    private static TablePage Tall(
        AttributeTable attributes, IReadOnlyList<(string Name, Prediction Prediction)> pictures) =>
        new(
            Title(attributes),
            [TableColumn.Name("picture"), TableColumn.Name("class")],
            [
                .. pictures.SelectMany(picture => Cells(attributes, picture.Prediction).Select((cell, group) =>
                    new TableRow(attributes.Groups[group].Name, cell) { Group = picture.Name })),
            ]);

    private static string Title(AttributeTable attributes) =>
        attributes.Independent ? "Classes that are present" : "Likeliest class of each attribute";

    // A question mark: below the class' threshold. Independent classes share one cell.
    private static IEnumerable<string> Cells(AttributeTable attributes, Prediction prediction)
    {
        var cells = prediction.Labels.Select((label, i) =>
            $"{(attributes.Independent ? label.Label : TableRow.ShortName(attributes.Groups[i], label.ClassIndex))} "
            + $"{label.Confidence:P0}{(label.AboveThreshold == false ? " ?" : "")}");
        return attributes.Independent ? [string.Join(", ", cells)] : cells;
    }
}
