"""Requests to Twilio's and Slack's rules, signed by Python. Prints JSON lines; see generate."""

import base64
import hashlib
import hmac
import json
import urllib.parse

KEY = "0123456789abcdef0123456789abcdef"


def out(name, expect, scheme, url, body, headers):
    print(json.dumps({
        "id": "python/" + name, "by": "python", "expect": expect, "scheme": scheme, "key": KEY, "now": 1700000003, "method": "POST", "url": url,
        "headers": headers, "body_base64": base64.b64encode(body.encode()).decode(),
    }))


# Twilio's JSON form: the URL holds the hash of the body, and the URL alone is signed.
for name, url, body in (
    ("twilio-json", "https://hooks.example.com/json", '{"a":1}'),
    ("twilio-json-query", "https://hooks.example.com/json?x=1", json.dumps([{"type": "com.twilio.messaging", "n": 1.5}])),
):
    url += ("&" if "?" in url else "?") + "bodySHA256=" + hashlib.sha256(body.encode()).hexdigest()
    sig = base64.b64encode(hmac.new(KEY.encode(), url.encode(), "sha1").digest()).decode()
    out(name, "scheme.twilio.json", "twilio", url, body, {"X-Twilio-Signature": sig, "Content-Type": "application/json"})

# A query that was re-encoded: Twilio signs the URL as it calls it.
for name, signed, given in (
    ("query-quoted", "q=a%2Ab+c&z=1", urllib.parse.urlencode(urllib.parse.parse_qsl("q=a%2Ab+c&z=1"), quote_via=urllib.parse.quote)),
    ("query-lower", "q=%c3%ab%2f", urllib.parse.urlencode(urllib.parse.parse_qsl("q=%c3%ab%2f"))),
):
    url, form = "https://hooks.example.com/in?", "To=%2B1555&Body=a+b"
    text = url + signed + "".join(k + v for k, v in sorted(urllib.parse.parse_qsl(form)))
    sig = base64.b64encode(hmac.new(KEY.encode(), text.encode(), "sha1").digest()).decode()
    out(name, "text.url.query.rewritten", "twilio", url + given, form, {"X-Twilio-Signature": sig, "Content-Type": "application/x-www-form-urlencoded"})


# A form that was written as JSON: Twilio signs its values.
for name, form in (("twilio-as-json", "To=%2B1555&Body=a+b&Empty="), ("twilio-as-json-marks", "Body=%22quoted%22+%2F+%C3%AB&From=%2B1")):
    text = "https://hooks.example.com/in" + "".join(k + v for k, v in sorted(urllib.parse.parse_qsl(form, keep_blank_values=True)))
    sig = base64.b64encode(hmac.new(KEY.encode(), text.encode(), "sha1").digest()).decode()
    body = json.dumps(dict(urllib.parse.parse_qsl(form, keep_blank_values=True)))
    out(name, "body.form.json", "twilio", "https://hooks.example.com/in", body, {"X-Twilio-Signature": sig, "Content-Type": "application/x-www-form-urlencoded"})


def slack(name, expect, signed, body, url=""):
    sig = "v0=" + hmac.new(KEY.encode(), b"v0:1700000000:" + signed.encode(), "sha256").hexdigest()
    out(name, expect, "slack", url, body, {
        "X-Slack-Request-Timestamp": "1700000000", "X-Slack-Signature": sig, "Content-Type": "application/x-www-form-urlencoded",
    })


# Servlets read the parameters of the URL and those of the form together, and Spring writes all of them into the body.
for name, form in (("servlet-query", "token=xyzz&text=a+b"), ("servlet-query-escaped", "token=xyzz&text=a%2Ab")):
    query = "tenant=7&lang=en"
    both = urllib.parse.urlencode(urllib.parse.parse_qsl(query + "&" + form), safe="*")
    slack(name, "body.form.query", form, both, "https://hooks.example.com/in?" + query)

# Flask: json.dumps(request.form.to_dict()), and dict of lists.
form = "token=xyzz&text=Zo%C3%AB+%26+co"
slack("flask-dict", "body.form.json", form, json.dumps(dict(urllib.parse.parse_qsl(form))))
slack("flask-lists", "body.form.json", form, json.dumps(urllib.parse.parse_qs(form)))
slack("flask-dict-signed", "body.form.json.signed", json.dumps(dict(urllib.parse.parse_qsl(form))), form)

# A form in Latin-1, which something read and wrote as UTF-8, and the other way round.
for name, signed, body in (("latin1", "latin-1", "utf-8"), ("latin1-received", "utf-8", "latin-1"), ("latin1-more", "latin-1", "utf-8")):
    fields = {"text": "Zoë & co", "id": "7"} if name != "latin1-more" else {"a": "é", "b": "Größe +1", "c": ""}
    slack("form-" + name, "body.form.charset", urllib.parse.urlencode(fields, encoding=signed), urllib.parse.urlencode(fields, encoding=body))
