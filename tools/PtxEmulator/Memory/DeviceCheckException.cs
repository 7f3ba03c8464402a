namespace Flixstock.PtxEmulator;

/// <summary>
/// Something a real device would have done silently wrong, or crashed at. The message is the whole report.
/// </summary>
public sealed class DeviceCheckException(string message) : Exception(message);
