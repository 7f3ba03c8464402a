namespace Flixstock.Engine;

/// <summary>
/// How pictures become a network's input: training, validation and prediction have to prepare them alike.
/// </summary>
/// <param name="ImageSize">Height and width in pixels to which pictures are stretched.</param>
/// <param name="Filter">The filter that resizes.</param>
/// <param name="ExifRotate">Turn pictures as their EXIF orientation says.</param>
public readonly record struct PicturePreparation(
    int ImageSize, ResizeFilter Filter = ResizeFilter.Bilinear, bool ExifRotate = false);
