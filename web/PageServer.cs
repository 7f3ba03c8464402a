using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Flixstock.Web;

/// <summary>
/// One page that changes, for browsers on this machine: it listens on the loopback address alone, answers GET and HEAD
/// of <c>/</c> and <c>/page</c>, reads no file and writes nothing.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public static class PageServer
{
    // A page of another site must not read this one: neither through a name that it resolves to 127.0.0.1, nor in a
    // frame.
    private static readonly string[] OwnNames = ["localhost", "127.0.0.1", "[::1]"];

    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        + "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Listens until the result is disposed of.</summary>
    /// <param name="port">TCP port; 0: any that is free.</param>
    /// <param name="page">
    /// The page, HTML, and its version, which changes with it: called once a request, by any thread.
    /// </param>
    /// <returns>The server, and the address to open.</returns>
    /// <exception cref="IOException">The port is in use.</exception>
    public static (IDisposable Server, string Address) Start(int port, Func<(string Version, string Html)> page)
    {
        ArgumentNullException.ThrowIfNull(page);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => Limit(options, port));
        var app = builder.Build();
        app.Run(context => Answer(context, page));
        try
        {
            app.StartAsync().GetAwaiter().GetResult();
        }
        catch
        {
            ((IDisposable)app).Dispose();
            throw;
        }
        var address = new Uri(app.Urls.First());
        return (app, $"http://127.0.0.1:{address.Port}/");
    }

    private static void Limit(KestrelServerOptions options, int port)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.MaxConcurrentConnections = 64;
        options.Listen(IPAddress.Loopback, port);
    }

    private static Task Answer(HttpContext context, Func<(string Version, string Html)> page)
    {
        var (request, response) = (context.Request, context.Response);
        if (!OwnNames.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase))
        {
            return Refuse(
                response, StatusCodes.Status421MisdirectedRequest, "this page is for this machine's browsers");
        }

        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            return Refuse(response, StatusCodes.Status405MethodNotAllowed, "the page can only be read");
        }
        return request.Path.Value is "/" or "/page"
            ? Send(context, page())
            : Refuse(response, StatusCodes.Status404NotFound, "there is one page, /");
    }

    private static Task Send(HttpContext context, (string Version, string Html) page)
    {
        var (request, response) = (context.Request, context.Response);
        Protect(response);
        response.Headers.ETag = $"\"{page.Version}\"";
        if (request.Headers.IfNoneMatch == response.Headers.ETag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        response.ContentType = new MediaTypeHeaderValue("text/html") { Charset = "utf-8" }.ToString();
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : response.WriteAsync(page.Html);
    }

    private static Task Refuse(HttpResponse response, int status, string why)
    {
        Protect(response);
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(why + "\n");
    }

    private static void Protect(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-cache";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
