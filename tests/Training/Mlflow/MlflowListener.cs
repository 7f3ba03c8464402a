using System.Net;
using System.Net.Sockets;

namespace Flixstock.Tests.Training.Mlflow;

/// <summary>A <see cref="FakeMlflow"/> behind an address of this machine, for programs.</summary>
internal sealed class MlflowListener : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _answers;

    public MlflowListener()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/track/";
        }
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _answers = Task.Run(Answer);
    }

    public FakeMlflow Server { get; } = new();

    public string Address { get; }

    public void Dispose()
    {
        _listener.Stop();
        _answers.Wait();
        _listener.Close();
        Server.Dispose();
    }

    private void Answer()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = _listener.GetContext();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return; // stopped
            }
            using var body = new StreamReader(context.Request.InputStream);
            using var answer = Server.Answer(
                context.Request.HttpMethod, context.Request.Url!, context.Request.Headers["Authorization"],
                body.ReadToEnd());
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.Close(answer.Content.ReadAsByteArrayAsync().Result, willBlock: true);
        }
    }
}
