# Bodies that Python made of bytes, and forms of Mailgun that were read. Prints JSON lines; see generate.
import base64, hashlib, hmac, json, urllib.parse

KEY = "whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v"
NOW = 1750000003


def mac(text):
    return hmac.new(KEY.encode(), text, hashlib.sha256).hexdigest()


def out(name, expect, certain, scheme, headers, body, url=""):
    print(json.dumps({
        "id": "python-kinds/" + name, "by": "python", "expect": expect, "certain": certain, "scheme": scheme, "key": KEY, "now": NOW, "method": "POST", "url": url,
        "headers": headers, "body_base64": base64.b64encode(body.encode()).decode(),
    }))


for n, raw in enumerate([b'{"name":"Bob","n":1}', '{"name":"Zo\u00eb","q":"it\'s"}\n'.encode(), b'it\'s\t{"a":"\\\\"}']):
    out("bytes-%d" % n, "body.python_bytes", True, "github", {"X-Hub-Signature-256": "sha256=" + mac(raw)}, str(raw))

token = "b" * 50
fields = {"timestamp": str(NOW), "token": token, "signature": mac((str(NOW) + token).encode())}
out("mailgun-json", "body.form.as_json.signed", False, "mailgun", {"Content-Type": "application/json"}, json.dumps(fields))
out("mailgun-json-more", "body.form.as_json.signed", False, "mailgun", {"Content-Type": "application/json"}, json.dumps(dict(fields, recipient="a@example.com")))
for n, boundary in enumerate(["X", "----WebKitFormBoundary7MA4YWxkTrZu0gW"]):
    parts = "".join('--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, k, v) for k, v in fields.items())
    whole = parts + "--" + boundary + "--\r\n"
    for name, kind, body in [("cut", "; boundary=" + boundary, parts), ("no-boundary", "", whole), ("other", "; boundary=Y" + boundary, whole)]:
        out("mailgun-multipart-%s-%d" % (name, n), "body.form.multipart", False, "mailgun", {"Content-Type": "multipart/form-data" + kind}, body)

# Forms of Twilio (its rules: the URL, then names and values sorted by name, HMAC-SHA1) whose empty fields were dropped on their way.
URL = "https://app.example/sms?id=1"
sms = {"MessageSid": "SM1", "SmsSid": "SM1", "AccountSid": "AC1", "From": "+12025550143", "To": "+12025550170", "Body": "Is it in stock?", "NumMedia": "0",
       "FromCity": "SAN FRANCISCO", "FromState": "CA", "FromZip": "94105", "FromCountry": "US", "ToCity": "", "ToState": "", "ToZip": "", "ToCountry": "US"}
call = dict(sms, CallSid="CA1", Caller="+12025550143", CallerCity="OAKLAND", CallerState="CA", CallerZip="94601", CallerCountry="US", CalledCity="", CalledState="", CalledZip="", CalledCountry="US")
one = dict(sms, ToCity="NEW YORK", ToState="NY")
for n, (scheme, header, fields) in enumerate([("twilio", "X-Twilio-Signature", sms), ("twilio", "X-Twilio-Signature", call), ("signalwire", "X-SignalWire-Signature", one)]):
    signed = URL + "".join(k + fields[k] for k in sorted(fields))
    signature = base64.b64encode(hmac.new(KEY.encode(), signed.encode(), "sha1").digest()).decode()
    out("form-lost-%d" % n, "body.form.fields.lost", True, scheme, {"Content-Type": "application/x-www-form-urlencoded", header: signature},
        urllib.parse.urlencode({k: v for k, v in fields.items() if v}), url=URL)
