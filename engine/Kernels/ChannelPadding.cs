namespace Flixstock.Engine;

/// <summary>Channels as a device wants them: see <see cref="Device.ChannelMultiple"/>.</summary>
internal static class ChannelPadding
{
    /// <summary>The next multiple.</summary>
    public static int Padded(int channels, int multiple) => (channels + multiple - 1) / multiple * multiple;
}
