// Each form of forms.json, one a line, parsed and written by .NET (Mono). Prints JSON lines; see generate.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Web;

public static class Write
{
    static void Out(string writer, int form, string text)
    {
        Console.WriteLine("{\"writer\":\"" + writer + "\",\"form\":" + form + ",\"text\":\"" + text + "\"}");
    }

    static string Join(IEnumerable<string[]> pairs, Func<string, string> escape)
    {
        return string.Join("&", pairs.Select(p => escape(p[0]) + "=" + escape(p[1])));
    }

    public static void Main()
    {
        string line;
        for (var i = 0; (line = Console.ReadLine()) != null; i++)
        {
            var pairs = line.Split('&').Select(p => p.Split('=').Select(WebUtility.UrlDecode).ToArray()).ToList();
            Out(".NET (Uri.EscapeDataString)", i, Join(pairs, Uri.EscapeDataString));
            Out(".NET (HttpUtility.UrlEncode)", i, Join(pairs, HttpUtility.UrlEncode));
            Out(".NET (WebUtility.UrlEncode)", i, Join(pairs, WebUtility.UrlEncode));
            var content = new FormUrlEncodedContent(pairs.Select(p => new KeyValuePair<string, string>(p[0], p[1])));
            Out(".NET (FormUrlEncodedContent)", i, content.ReadAsStringAsync().Result);
        }
    }
}
