using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>Networks in training options, as the <see cref="NetworkCatalog"/> writes them.</summary>
internal sealed class NetworkDescriptionConverter : JsonConverter<INetworkDescription>
{
    public override INetworkDescription Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return NetworkCatalog.FromJson(document.RootElement.GetRawText());
    }

    public override void Write(Utf8JsonWriter writer, INetworkDescription value, JsonSerializerOptions options) =>
        writer.WriteRawValue(NetworkCatalog.ToJson(value));
}
