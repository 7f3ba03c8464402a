namespace Flixstock.Engine;

// How a new run takes the place of an older one, and how a run stays what it is while it is trained.
public sealed partial class TrainingRun
{
    private const int MostKept = 1 << 24; // the list of some hundred thousand pictures

    private const string PriorChart = "prior.png";

    // What is small and never changes while the run is trained.
    private readonly Dictionary<string, byte[]> _kept = new(StringComparer.Ordinal);

    private TwoStagePlan? _plan;
    private bool _endsPlan;

    private bool IsContinued { get; init; }

    /// <summary>The folder's lock while the run is trained.</summary>
    internal FolderLock? Lock { get; private set; }

    /// <summary>The run is the first stage of a plan, which is written together with the run's first files.</summary>
    internal TrainingRun Planned(TwoStagePlan plan)
    {
        _plan = plan;
        return this;
    }

    /// <summary>A plan of two stages that was left in the folder ends when this run begins.</summary>
    public TrainingRun EndingPlan()
    {
        _endsPlan = true;
        return this;
    }

    /// <summary>
    /// A run's files before there is a run: they grow next to what the folder holds, and take its place together.
    /// </summary>
    internal Beginning Begin() => new(this);

    /// <summary>Takes the folder's lock; null if the caller holds it already.</summary>
    /// <exception cref="InputException">Another process trains here.</exception>
    internal FolderLock? TakeLock() => Lock is null ? Lock = FolderLock.Take(Folder, "training") : null;

    /// <summary>Keeps in mind what <see cref="StayPresent"/> writes again.</summary>
    internal void KeepInMind()
    {
        string[] files =
        [
            DescriptionFile, PicturesFile, In(SimulatedLabels.CsvName), In(SimulatedLabels.ChartName),
            ChartFile.SvgOf(In(SimulatedLabels.ChartName)), In(TwoStagePlan.FileName), ParentPlan,
        ];
        foreach (var path in files.Where(path => File.Exists(path) && new FileInfo(path).Length <= MostKept))
            _kept[path] = WholeFile.Read(path);
    }

    /// <summary>
    /// Called before something is saved: writes the run's description again if the folder was removed, so that what is
    /// saved belongs to a run.
    /// </summary>
    /// <exception cref="InputException">Another run is in the folder now.</exception>
    internal void StayPresent()
    {
        if (_kept.Count == 0 || File.Exists(DescriptionFile))
            return;
        Lock?.Renew();
        foreach (var (path, bytes) in _kept.Where(file => !File.Exists(file.Key)))
            Files.WriteAtomically(path, stream => stream.Write(bytes));
    }

    /// <summary>
    /// Bytes of the run's existing files if it continues: those of a new run replace others only when they are written.
    /// </summary>
    internal long Size => IsContinued ? AllFiles().Where(File.Exists).Sum(path => new FileInfo(path).Length) : 0;

    private string ParentPlan =>
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(Folder)) ?? "", TwoStagePlan.FileName);

    /// <summary>
    /// Refuses folders with the names of the run's files: before the first step, not when the first epoch is to be
    /// saved.
    /// </summary>
    /// <exception cref="InputException">Names the folder.</exception>
    internal void RequireNoFolders()
    {
        foreach (var file in AllFiles())
            Files.RequireNoFolder(file);
    }

    /// <summary>The first files of a new run.</summary>
    internal sealed class Beginning : IDisposable
    {
        private readonly TrainingRun _place;
        private readonly string _root;
        private readonly StagedOutput _staged;

        public Beginning(TrainingRun place)
        {
            _place = place;
            _root = place._plan?.Folder ?? place.Folder;
            _staged = new StagedOutput(_root);
            Run = At(place._plan is null ? _staged.Folder : Path.Combine(_staged.Folder, TwoStagePlan.IgnoreName));
            place._plan?.Write(_staged.Folder);
        }

        /// <summary>The run as long as it is not in its place.</summary>
        public TrainingRun Run { get; }

        /// <summary>Replaces the files of the previous run with these.</summary>
        public void Publish()
        {
            var removed = _place.AllFiles();
            if (_place._plan is not null)
                removed = removed.Concat(At(_root).AllFiles());
            if (_place._endsPlan)
                removed = removed.Append(_place.In(TwoStagePlan.FileName));
            _staged.PublishFiles(removed.Select(path => Path.GetRelativePath(_root, path)));
        }

        public void Dispose() => _staged.Dispose();
    }
}
