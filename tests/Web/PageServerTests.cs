using System.Net;
using System.Net.Sockets;
using System.Text;
using Flixstock.Cli;
using Flixstock.Engine;

namespace Flixstock.Tests.Web;

/// <summary>
/// The server of one page: for browsers on this machine alone, read-only, whatever is asked of it; and what is said
/// where ASP.NET Core is missing.
/// </summary>
public sealed class PageServerTests
{
    private readonly List<string> _asked = [];
    private IDisposable _server = null!;
    private Uri _address = null!;
    private string _version = "1";

    [OneTimeSetUp]
    public void Listen()
    {
        var (server, address) = WebParts.Serve(0, () =>
        {
            lock (_asked)
                _asked.Add(_version);
            return (_version, $"<p>version {_version}</p>");
        });
        (_server, _address) = (server, new Uri(address));
    }

    [OneTimeTearDown]
    public void Stop() => _server.Dispose();

    [Test]
    public void ThePageComesWithItsVersionAndIsNotSentTwice()
    {
        using var client = new HttpClient();
        using var first = client.GetAsync(_address).Result;
        var version = first.Headers.ETag!;
        Assert.That(first.Content.ReadAsStringAsync().Result, Is.EqualTo("<p>version 1</p>"));
        Assert.That(first.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/html; charset=utf-8"));
        using var again = new HttpRequestMessage(HttpMethod.Get, new Uri(_address, "page"));
        again.Headers.IfNoneMatch.Add(version);
        using var same = client.SendAsync(again).Result;
        Assert.That(same.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        _version = "2";
        using var changed = new HttpRequestMessage(HttpMethod.Get, _address);
        changed.Headers.IfNoneMatch.Add(version);
        using var newer = client.SendAsync(changed).Result;
        Assert.That(newer.Content.ReadAsStringAsync().Result, Is.EqualTo("<p>version 2</p>"));
        _version = "1";
    }

    [Test]
    public void OnlyTheLoopbackAddressIsListenedOn()
    {
        Assert.That(_address.Host, Is.EqualTo("127.0.0.1"));
        foreach (var own in Dns.GetHostAddresses(Dns.GetHostName()).Where(
            address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address)))
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            Assert.That(() => socket.Connect(own, _address.Port), Throws.InstanceOf<SocketException>());
        }
    }

    // DNS rebinding: a name of somebody else's that leads here.
    [TestCase("evil.example")]
    [TestCase("localhost.evil.example")]
    [TestCase("127.0.0.1.evil.example")]
    [TestCase("192.168.0.1")]
    [TestCase("")]
    public void ForeignHostsAreRefused(string host)
    {
        var answer = Raw($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        Assert.That(answer, Does.StartWith("HTTP/1.1 421").Or.StartWith("HTTP/1.1 400"));
        Assert.That(answer, Does.Not.Contain("version"));
    }

    [TestCase("/../run.json")]
    [TestCase("/%2e%2e/run.json")]
    [TestCase("/..%2f..%2fetc/passwd")]
    [TestCase("/run.json")]
    [TestCase("//etc/passwd")]
    [TestCase("/page/../../state.safetensors")]
    [TestCase("/page%00")]
    public void NoPathLeadsToAFile(string path)
    {
        var answer = Raw($"GET {path} HTTP/1.1\r\nHost: localhost:{_address.Port}\r\nConnection: close\r\n\r\n");
        Assert.That(answer, Does.StartWith("HTTP/1.1 404").Or.StartWith("HTTP/1.1 400"));
    }

    [TestCase("POST", "HTTP/1.1 405")]
    [TestCase("PUT", "HTTP/1.1 405")]
    [TestCase("DELETE", "HTTP/1.1 405")]
    [TestCase("OPTIONS", "HTTP/1.1 405")]
    [TestCase("HEAD", "HTTP/1.1 200")]
    public void ItCanOnlyBeRead(string method, string status) => Assert.That(
        Raw($"{method} / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        Does.StartWith(status));

    [Test]
    public void AnswersForbidEverythingButThemselves()
    {
        var answer = Raw("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        foreach (var part in new[]
        {
            "default-src 'none'", "frame-ancestors 'none'", "X-Content-Type-Options: nosniff", "no-referrer",
        })
        {
            Assert.That(answer, Does.Contain(part));
        }
        Assert.That(answer, Does.Not.Contain("Server:").And.Not.Contain("Access-Control"));
    }

    // Long or broken requests end their connection, and the next one is served.
    [Test]
    public void BrokenRequestsHarmNobody()
    {
        string[] requests =
        [
            "\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", $"GET /{new string('a', 100_000)} HTTP/1.1\r\n\r\n",
            $"GET / HTTP/1.1\r\n{string.Concat(Enumerable.Range(0, 10_000).Select(i => $"H{i}: x\r\n"))}\r\n",
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\nabc",
        ];
        foreach (var request in requests)
        {
            Assert.That(
                Raw(request, ends: true), Does.Not.Contain("version"), request[..Math.Min(40, request.Length)]);
        }
        Assert.That(
            Raw("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), Does.Contain("<p>version 1</p>"));
    }

    [Test]
    public void APortThatIsInUseIsNamed() => Assert.That(
        () => WebParts.Serve(_address.Port, () => ("", "")),
        Throws.TypeOf<EngineException>().With.Message.StartsWith($"--port {_address.Port}: "));

    [TestCase("10.0.12", "10.0.12", "10.0.12")]
    [TestCase("10.0.12", "10.0.9,10.0.10,9.0.1,11.0.0", "10.0.10")]
    [TestCase("10.0.0-rc.1", "10.0.3", "10.0.3")]
    [TestCase("10.0.12", "9.0.1", null)]
    [TestCase("10.0.12", "", null)]
    public void TheFrameworkOfTheRuntimesVersionIsTaken(string runtime, string installed, string? taken)
    {
        using var folder = new TemporaryFolder();
        var own = Directory.CreateDirectory(folder[$"shared/Microsoft.NETCore.App/{runtime}"]).FullName;
        foreach (var version in installed.Split(',', StringSplitOptions.RemoveEmptyEntries))
            Directory.CreateDirectory(folder[$"shared/Microsoft.AspNetCore.App/{version}"]);
        if (taken is not null)
        {
            Assert.That(Path.GetFileName(WebParts.FrameworkFolder(own)), Is.EqualTo(taken));
            return;
        }
        Assert.That(
            () => WebParts.FrameworkFolder(own),
            Throws.TypeOf<EngineException>().With.Message.StartsWith("ASP.NET Core 10 is not installed"));
    }

    // ends: nothing more is sent, so that an answer to half a request is not waited for.
    private string Raw(string request, bool ends = false)
    {
        using var client = new TcpClient("127.0.0.1", _address.Port) { ReceiveTimeout = 10_000 };
        using var stream = client.GetStream();
        var answer = new MemoryStream();
        try
        {
            stream.Write(Encoding.ASCII.GetBytes(request));
            if (ends)
                client.Client.Shutdown(SocketShutdown.Send);
            stream.CopyTo(answer);
        }
        catch (IOException)
        {
            // It does not read on: what it has answered counts.
        }
        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
