namespace Flixstock.Engine;

/// <summary>The layouts of data sets; docs/datasets.md shows each.</summary>
public enum DatasetType
{
    /// <summary>Whatever lies in the folder.</summary>
    Auto,

    /// <summary>
    /// The layout that <see cref="DatasetSplitter"/> writes: <c>attributes_train.csv</c> and folders of pictures.
    /// </summary>
    Garments,

    /// <summary>
    /// <c>train.csv</c>, <c>val.csv</c>: a row for every picture, a column for every attribute or class.
    /// </summary>
    Csv,

    /// <summary>A folder for every class.</summary>
    Folders,

    /// <summary>MS-COCO's detection annotations, <c>instances_train2017.json</c>.</summary>
    Coco,

    /// <summary>OpenImages' labels of whole pictures, verified by people.</summary>
    OpenImages,

    /// <summary>LVIS' annotations, <c>lvis_v1_train.json</c>.</summary>
    Lvis,

    /// <summary>
    /// Tar files of pictures and labels, as WebDataset reads and <see cref="ShardPacker"/> makes them.
    /// </summary>
    Shards,

    /// <summary>IDX files, as of MNIST and Fashion-MNIST: <c>train-images-idx3-ubyte</c>.</summary>
    Idx,
}
