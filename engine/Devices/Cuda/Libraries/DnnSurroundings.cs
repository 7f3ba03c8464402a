namespace Flixstock.Engine;

/// <summary>The parts of a device that convolutions need.</summary>
/// <param name="Workspace">Device memory of at least this many bytes, kept between calls.</param>
/// <param name="SearchSpace">
/// Likewise, for the results of a search that must not go over what is to be added to.
/// </param>
/// <param name="WorkspaceLimit">The most that an algorithm may use.</param>
/// <param name="Time">Milliseconds of work that returns a status; null if it fails, or cannot be captured.</param>
/// <param name="Choices">The results of earlier searches.</param>
/// <param name="Note">Takes what a user should know, in one line.</param>
internal sealed record DnnSurroundings(
    Func<long, nint> Workspace, Func<long, nint> SearchSpace, long WorkspaceLimit, Func<Func<int>, float?> Time,
    DnnChoices Choices, Action<string>? Note);
