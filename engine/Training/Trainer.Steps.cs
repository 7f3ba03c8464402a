using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

// Single steps, and what is kept when one of them, or anything else, ends the training.
public sealed partial class Trainer
{
    private const int PicturesInMessage = 3;
    private RunPosition _position = new(1, 0);
    private string? _note;
    private bool _diverged; // the training ends because of a loss that is not finite

    private void TrainStep(Batch batch, int step)
    {
        var (pictures, samples) = (batch.Count, batch.Samples);
        try
        {
            _selfLabels?.Apply(batch);
            var late = _step.IsPending ? 1 : 0; // then the loss is that of the step before
            var loss = _step.Run(batch, step, RunPosition.Before(step, StepsPerEpoch).Epoch);
            if (_step.Failure is { } failure)
            {
                NotFinite(failure);
                return;
            }

            _selfLabels?.EndStep(_step.Finished, StepsPerEpoch);
            Count(loss, step - late, late > 0 ? _pendingPictures : pictures);
            _pendingPictures = pictures;
            _picturesSeen += samples;
            _unconfirmed = _step.IsPending ? samples : 0;
            _position = RunPosition.Before(step, StepsPerEpoch).Next;
            if (_ignored is not null)
            {
                Settle(); // what the loss leaves out counts only if the step does
                _ignored.Add(batch, _step.LossWeights(pictures));
            }
            _observers.TellSteps();
        }
        finally
        {
            _loader.Return(batch);
        }
    }

    // On an asynchronous device a loss is known one step late.
    private void Settle()
    {
        Count(_step.Finish(), _position.Steps(StepsPerEpoch), _pendingPictures);
        if (_step.Failure is { } failure)
            NotFinite(failure);
        _selfLabels?.EndStep(_step.Finished, StepsPerEpoch);
        _unconfirmed = 0;
        _observers.TellSteps();
    }

    private void Count(float? loss, int step, int pictures)
    {
        if (loss is not { } known)
            return;
        _lossSum += known;
        // As of a whole batch: the last one of an epoch may be smaller.
        _history.Add(step, known * PicturesPerStep / pictures);
        _lastLoss = known;
        _observers.Step(new StepReport(
            step, RunPosition.Before(step, StepsPerEpoch).Epoch, known, known / ((double)pictures * LabelsPerPicture),
            _schedule.At(step - 1).LearningRate));
    }

    private void NotFinite(NonFiniteStep failure)
    {
        _picturesSeen -= _unconfirmed;
        _unconfirmed = 0;
        _position = RunPosition.Before(failure.Step, StepsPerEpoch);
        string[] pictures = [.. failure.Samples.Select(sample => _training.Samples[sample].File)];
        WriteNonFinite(failure.Step, pictures);
        if (_options.OnNonFinite == NonFiniteAction.Skip && !_step.SkipsForGood)
        {
            _position = _position.Next;
            _skipped++;
            _note = $"{failure.Describe()}; its batch is left out ({Shown(pictures)})";
            return;
        }

        _diverged = true;
        throw new NonFiniteLossException(
            $"{failure.Describe()}; the step has left no trace; continue with {Term.Resume} and an {Term.LearningRate} "
                + $"below {_options.LearningRate:0.##e+0} (a new schedule, from the state before this one) or with "
                + $"{Term.Resume} {Term.OnNonFinite} skip (without this batch: {Shown(pictures)})",
            failure.Step, pictures);
    }

    private string Shown(string[] pictures) => string.Join(", ", pictures.Take(PicturesInMessage))
        + $"{(pictures.Length > PicturesInMessage ? $" and {pictures.Length - PicturesInMessage} more" : "")}, in "
        + $"{Path.GetFileName(_run.NonFiniteFile)}";

    // A step that is repeated after resuming is listed once.
    private void WriteNonFinite(int step, string[] pictures)
    {
        var others = File.Exists(_run.NonFiniteFile)
            ? TextFile.ReadLines(_run.NonFiniteFile).Skip(1)
                .Where(line => !line.StartsWith($"{step},", StringComparison.Ordinal))
            : [];
        var text = new StringBuilder("step,epoch,filename\n");
        foreach (var line in others)
            text.Append(line).Append('\n');
        foreach (var picture in pictures)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{step},{RunPosition.Before(step, StepsPerEpoch).Epoch},{CsvCell.Of(picture)}\n");
        }
        Files.WriteAtomically(_run.NonFiniteFile, text.ToString());
    }

    private string? TakeNote()
    {
        var note = _note;
        _note = null;
        return note;
    }

    // Whatever ended the training: what was trained is saved, unless the optimizer was stopped half-way. What to throw
    // instead, if anything.
    private Exception? Keep(Exception e)
    {
        var cause = e;
        try
        {
            if (_step.IsWhole)
            {
                cause = SettleAfter(e);
                if (_position != _saved || (_diverged && _isGood))
                    SaveState();
            }
            _observers.End(cause);
        }
        catch (Exception second)
            when (second is EngineException or InputException or IOException or UnauthorizedAccessException)
        {
            return cause is OperationCanceledException || second.Message == cause.Message ? second
                : new EngineException($"{cause.Message}; and the state could not be saved: {second.Message}", cause);
        }

        if (!_step.IsWhole)
            return null;
        return Remedied(cause) is var thrown && thrown != e ? thrown : null;
    }

    // The last step's loss may be known only now.
    private Exception SettleAfter(Exception e)
    {
        try
        {
            Settle();
            return e;
        }
        catch (NonFiniteLossException later)
        {
            return later;
        }
    }

    private Exception Remedied(Exception e)
    {
        if (e is not PictureException bad)
            return e;
        if (bad.Sample is { } sample)
            _run.NoteUnreadable(sample.File);
        return bad.With($"put a readable one in its place and continue with {Term.Resume}, or begin again with "
            + $"{Term.Overwrite} and leave it out with {Term.PictureCheck}");
    }
}
