using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>An MLflow tracking server, and the experiment that runs are logged to.</summary>
/// <param name="Address">Where it is, as <c>http://localhost:5000</c>, with a path if it has one.</param>
public sealed record MlflowServer(Uri Address)
{
    // The names that .NET looks for.
    private static readonly string[] OpenSsl = ["libssl.so.3", "libssl.so.1.1", "libssl.so", "libssl.so.1.0.2"];

    /// <summary>Name of the experiment, which is made if there is none.</summary>
    public string Experiment { get; init; } = "Default";

    /// <summary>User to log in as; null: without.</summary>
    public string? UserName { get; init; }

    /// <summary>The user's password.</summary>
    public string? Password { get; init; }

    /// <summary>Token to log in with, instead of a user; null: without.</summary>
    public string? Token { get; init; }

    /// <summary>Without secrets.</summary>
    public override string ToString() => $"{Address}, {Experiment}";

    /// <summary>A server by its address as a text.</summary>
    /// <param name="address">The address.</param>
    /// <exception cref="InputException">It is none, or holds a password.</exception>
    public static MlflowServer At(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new InputException($"{Term.MlflowServer} '{HiddenCharacters.Blanked(address)}': give the address of "
                + $"a tracking server, as http://localhost:5000");
        }
        if (uri.UserInfo.Length > 0)
        {
            var shown = uri.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
            throw new InputException($"{Term.MlflowServer} {shown}: leave user and password out of the address, where "
                + $"others can read them; give them apart from it");
        }
        return new MlflowServer(uri);
    }

    /// <summary>
    /// Refuses what cannot be reached from this machine: a process that needs OpenSSL and finds none ends.
    /// </summary>
    /// <exception cref="InputException">The address begins with https, and there is no OpenSSL.</exception>
    internal void Require()
    {
        if (Address.Scheme == Uri.UriSchemeHttps && OperatingSystem.IsLinux() && !OpenSsl.Any(CanBeLoaded))
        {
            throw new InputException($"{Term.MlflowServer} {Address}: https needs OpenSSL, and its libssl is not "
                + $"installed here; install it, or give an address that begins with http://");
        }
    }

    private static bool CanBeLoaded(string library)
    {
        if (!NativeLibrary.TryLoad(library, out var handle))
            return false;
        NativeLibrary.Free(handle);
        return true;
    }
}
