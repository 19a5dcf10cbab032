"""Bodies as Python shows and writes them, and senders' own escapes. Prints JSON lines; see generate."""

import base64
import hashlib
import hmac
import json

KEY = "whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v"


def out(name, expect, signed, body):
    body = body.encode() if isinstance(body, str) else body
    print(json.dumps({
        "id": "python-writers/" + name, "by": "python", "expect": expect, "scheme": "github", "key": KEY, "now": 1750000003, "method": "POST", "url": "",
        "headers": {"X-Hub-Signature-256": "sha256=" + hmac.new(KEY.encode(), signed.encode(), hashlib.sha256).hexdigest()},
        "body_base64": base64.b64encode(body).decode(),
    }))


def compact(data, **more):
    return json.dumps(data, separators=(",", ":"), **more)


# A dict as Python shows it.
DATA = {"id": "evt_1", "n": 1.5, "ok": True, "none": None, "tags": ["a", "it's"], "note": "Zoë"}
out("dict", "body.literal", compact(DATA, ensure_ascii=False), str(DATA))
out("dict-ascii", "body.literal", compact(DATA), str(DATA))
out("dict-dumps", "body.literal", json.dumps(DATA), str(DATA))

# Meta: slashes, what is outside ASCII, @; and % and <.
for n, text in enumerate(["mail jo@example.com", "Zoë 😀 https://example.com/a", "jo@x.example/é"]):
    raw = compact({"object": "page", "text": text + " @/é"}, ensure_ascii=False)
    out(f"meta-{n}", "body.reserialised.compact.meta", compact({"object": "page", "text": text + " @/é"}).replace("/", "\\/").replace("@", "\\u0040"), raw)
text = "100% <3 jo@example.com a/b"
out("meta-percent", "body.reserialised.compact.meta.percent", compact({"t": text}).replace("/", "\\/").replace("@", "\\u0040").replace("%", "\\u0025").replace("<", "\\u003C"), compact({"t": text}))

# Senders that escape characters of their own.
text = {"q": "a=1&b=it's%20+x", "n": 1}
for name, chars, form in [("five", "%&'=+", "\\u%04x"), ("five-capital", "%&'=+", "\\u%04X"), ("percent", "%", "\\u%04x"), ("two", "&+", "\\u%04X"), ("apostrophe", "'", "\\u%04x")]:
    signed = compact(text)
    for c in chars:
        signed = signed.replace(c, form % ord(c))
    out("own-" + name, "body.reserialised.compact.meta.percent" if name == "percent" else "body.reserialised.own", signed, compact(text))

# SendGrid: CR LF after each event.
events = [{"email": "jo@example.com", "event": "open", "timestamp": 1600112492}, {"email": "zoë@example.com", "event": "click", "url": "https://a.example/?x=1"}, {"email": "x@example.com"}]
for n in (2, 3):
    signed = "[" + ",\r\n".join(compact(e, ensure_ascii=False) for e in events[:n]) + "]\r\n"
    out(f"sendgrid-{n}", "body.reserialised.events.crlf", signed, compact(events[:n], ensure_ascii=False))
    out(f"sendgrid-spaced-{n}", "body.reserialised.events.crlf", signed, json.dumps(events[:n], ensure_ascii=False))

# Floats that something made of integers, and exponents.
out("exponent-plain", "body.number.exponent", '{"n":1e3,"m":"x"}', compact(json.loads('{"n":1000,"m":"x"}')))
out("exponent-small", "body.number.exponent", '{"n":1E-5,"m":7}', '{"n":0.00001,"m":7}')
out("exponent-added", "body.reserialised.compact.numbers", '{"n":0.00001,"m":7}', compact({"n": 0.00001, "m": 7}))
out("float-received", "body.reserialised.compact.numbers", '{"n":3,"m":[1,2]}', compact({"n": 3.0, "m": [1, 2]}))
