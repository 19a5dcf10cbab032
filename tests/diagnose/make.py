"""Mistakes as Python makes them. Prints JSON lines; see generate."""

import base64
import binascii
import datetime
import hashlib
import hmac
import html
import json
import urllib.parse

KEY = "whk_7k2m9q4x1c8v5b3n6z0l7k2m9q4x1c8v"
TS = "1750000000"
DATA = {"id": "evt_1", "type": "card.activated", "note": "Zoë – 10 € a/b", "amount": 12.5, "ok": True, "none": None, "list": [1, {"b": 1, "a": 2}]}
COMPACT = json.dumps(DATA, separators=(",", ":"), ensure_ascii=False)


def mac(key, *parts, alg="sha256"):
    key = key.encode() if isinstance(key, str) else key
    return hmac.new(key, b"".join(p.encode() if isinstance(p, str) else p for p in parts), alg)


def out(name, expect, headers, body=COMPACT, scheme="baanx", key=KEY, now=1750000003, **more):
    body = body.encode() if isinstance(body, str) else body
    print(json.dumps({
        "id": "python/" + name, "by": "python", "expect": expect, "scheme": scheme, "key": key, "now": now, "method": "POST", "url": "",
        "headers": headers, "body_base64": base64.b64encode(body).decode(), **more,
    }))


def baanx(*parts, key=KEY):
    return {"X-Timestamp": TS, "X-Signature": mac(key, *parts).hexdigest()}


def signed(text, **more):
    return baanx(TS + ".", text, **more)


out("dumps", "body.reserialised.python.ascii", signed(json.dumps(DATA)))
out("dumps-unicode", "body.reserialised.python", signed(json.dumps(DATA, ensure_ascii=False)))
out("dumps-sorted", "body.reserialised.python.sorted.ascii", signed(json.dumps(DATA, sort_keys=True)))
out("dumps-indent", "body.reserialised.indent2.ascii", signed(json.dumps(DATA, indent=2)))
out("dumps-indent4-unicode", "body.reserialised.indent4", signed(json.dumps(DATA, indent=4, ensure_ascii=False)))
out("dumps-colons", "body.reserialised.colons", signed(json.dumps(DATA, separators=(",", ": "), ensure_ascii=False)))
out("dumps-colons-ascii", "body.reserialised.colons.ascii", signed(json.dumps(DATA, separators=(",", ": "))))
out("dumps-commas", "body.reserialised.commas", signed(json.dumps(DATA, separators=(", ", ":"), ensure_ascii=False)))
out("dumps-tab", "body.reserialised.tab.ascii", signed(json.dumps(DATA, indent="\t")))
out("dumps-tab-unicode", "body.reserialised.tab", signed(json.dumps(DATA, indent="\t", ensure_ascii=False)))
out("from-colons", "body.reserialised.compact", signed(COMPACT), body=json.dumps(DATA, separators=(",", ": "), ensure_ascii=False))
out("from-tab", "body.reserialised.compact", signed(COMPACT), body=json.dumps(DATA, indent="\t", ensure_ascii=False))
out("from-dumps", "body.reserialised.compact.unescaped", signed(COMPACT), body=json.dumps(DATA))
out("from-sorted-indent", "body.reserialised.compact.sorted", signed(json.dumps(DATA, separators=(",", ":"), sort_keys=True, ensure_ascii=False)), body=json.dumps(DATA, indent=2, ensure_ascii=False))
out("php-escapes", "body.reserialised.compact.php", signed(json.dumps(DATA, separators=(",", ":")).replace("/", "\\/")))
out("slashes", "body.reserialised.compact.slashes", signed(COMPACT.replace("/", "\\/")))
out("go-html", "body.reserialised.compact.html", signed('{"a":"\\u003cb\\u003e \\u0026"}'), body='{"a":"<b> &"}')
out("emoji", "body.reserialised.compact.ascii", signed(json.dumps({"a": "😀 ok"}, separators=(",", ":"))), body='{"a":"😀 ok"}')
out("numbers", "body.reserialised.", signed(json.dumps(json.loads('{"a":1.50,"b":1e3,"c":10000000000000000000000,"d":1e16}'))), body='{"a":1.50,"b":1e3,"c":10000000000000000000000,"d":1e16}')
out("bytes-text", "body.python_bytes.signed", baanx(f"{TS}.{COMPACT.encode()}"))
out("bytes-text-received", "body.python_bytes", signed(COMPACT), body=str(COMPACT.encode()))
out("dict-text", "body.python_repr", baanx(f"{TS}.{json.loads(COMPACT)}"))
out("none", "body.lost.none", baanx(f"{TS}.{None}"))
out("cp1252", "body.charset.double.cp1252", signed("Zoë “x” €".encode()), body="Zoë “x” €".encode().decode("cp1252", "replace").replace("\ufffd", "\x9d").encode())
for name in ("utf-16-le", "utf-16-be"):
    bom = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[name]
    id = name.replace("-", "")
    wide = COMPACT.encode(name)
    out(id + "-received", "body.charset." + id, signed(COMPACT), body=wide)
    out(id + "-bom-received", "body.charset." + id, signed(COMPACT), body=bom + wide)
    out(id + "-body-signed", f"body.charset.{id}.signed", baanx(TS + ".", wide))
    out(id + "-bom-body-signed", f"body.charset.{id}.bom.signed", baanx(TS + ".", bom + wide))
    out(id + "-signed", f"text.charset.{id}", baanx(f"{TS}.{COMPACT}".encode(name)))
    out(id + "-bom-signed", f"text.charset.{id}.bom", baanx(bom + f"{TS}.{COMPACT}".encode(name)))
    github = {"X-Hub-Signature-256": "sha256=" + mac(KEY, wide).hexdigest()}
    out(id + "-github", f"body.charset.{id}.signed", github, scheme="github")
    out(id + "-utf8-bom-received", f"body.charset.{id}+body.bom.lost", signed("\ufeff" + COMPACT), body=bom + wide)
out("latin1-signed", "body.charset.", baanx(TS + ".", "Zoë".encode("latin-1")), body="Zoë")
out("question-marks", "body.charset.question", signed("Zoë €".encode("ascii", "replace")), body="Zoë €")
out("quote-plus", "body.form.decoded", {"X-Hub-Signature-256": "sha256=" + mac(KEY, "payload=" + urllib.parse.quote_plus(COMPACT)).hexdigest()}, scheme="github")
out("float-time", "text.unit.", baanx(f"{float(TS)}.", COMPACT))
out("iso-time", "text.unit.", baanx(datetime.datetime.fromtimestamp(int(TS), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") + ".", COMPACT))
out("b64-key", "key.base64", signed(COMPACT, key=base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")), key="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
out("unhex-key", "key.hex", signed(COMPACT, key=binascii.unhexlify("aa" * 20)), key="aa" * 20)
out("encoded-key", "key.encoded", signed(COMPACT, key=base64.b64encode(KEY.encode())))
out("adyen-text-key", "key.text", {"HmacSignature": base64.b64encode(mac("11223344D785FBAE", COMPACT).digest()).decode()}, scheme="adyen", key="11223344D785FBAE")
out("digest-base64", "digest.encoding.base64", {"X-Timestamp": TS, "X-Signature": base64.b64encode(mac(KEY, TS + ".", COMPACT).digest()).decode()})
out("plain-key-first", "digest.plain.key_first", {"X-Timestamp": TS, "X-Signature": hashlib.sha256((KEY + TS + "." + COMPACT).encode()).hexdigest()})
out("hubspot-hmac", "digest.", {"X-HubSpot-Signature": mac(KEY, COMPACT).hexdigest()}, scheme="hubspot.v1")
out("token-bearer", "token.wrapped", {"X-Gitlab-Token": "Bearer " + KEY}, scheme="gitlab")
out("token-blank", "key.whitespace", {"X-Gitlab-Token": KEY}, scheme="gitlab", key=KEY + "\n")
out("token-other", "signature.other_header", {"X-Gitlab-Secret": KEY}, scheme="gitlab")
out("zendesk-dot", "text.separator", {"X-Zendesk-Webhook-Signature-Timestamp": "2025-06-15T15:06:40Z", "X-Zendesk-Webhook-Signature": base64.b64encode(mac(KEY, "2025-06-15T15:06:40Z.", COMPACT).digest()).decode()}, scheme="zendesk")
def twilio(url, body):
    form = "".join(k + v for k, v in sorted(urllib.parse.parse_qsl(body)))
    return {"X-Twilio-Signature": base64.b64encode(mac(KEY, url + form, alg="sha1").digest()).decode()}


HOOK = "https://hooks.example.test/in?x=1"
out("twilio-form-decoded", "body.form.decoded", twilio(HOOK, "To=%2B1555&Body=a+b"), body="To=+1555&Body=a b", scheme="twilio", url=HOOK)
out("twilio-http", "text.url.https", twilio(HOOK, "To=%2B1555"), body="To=%2B1555", scheme="twilio", url=HOOK.replace("https", "http"))
hashed = HOOK + "&bodySHA256=" + hashlib.sha256(COMPACT.encode()).hexdigest()
out("twilio-json-respaced", "body.reserialised.compact", twilio(hashed, ""), body=json.dumps(DATA, indent=1, ensure_ascii=False), scheme="twilio.json", url=hashed)
out("twilio-json-other-body", "body.hash", twilio(hashed, ""), body='{"other":1}', scheme="twilio.json", url=hashed)
out("old", "clock.old", signed(COMPACT), now=1750000000 + 700)
out("ahead", "clock.behind", signed(COMPACT), now=1750000000 - 700)
out("zone", "clock.timezone", signed(COMPACT), now=1750000000 + 7200 + 4)
out("zone-ahead", "clock.timezone", signed(COMPACT), now=1750000000 - 19800 - 20)
out("replayed", "clock.replayed", signed(COMPACT), now=1750000000 + 90000)
ms = {"X-Timestamp": TS + "000", "X-Signature": mac(KEY, TS + "000.", COMPACT).hexdigest()}
out("ms-for-s", "clock.unit", ms)
out("s-for-ms", "clock.unit", {"x-webflow-timestamp": TS, "x-webflow-signature": mac(KEY, TS + ":", COMPACT).hexdigest()}, scheme="webflow")
out("iso-for-s", "clock.format", {"X-Timestamp": "2025-06-15T15:06:40Z", "X-Signature": mac(KEY, "2025-06-15T15:06:40Z.", COMPACT).hexdigest()})
out("two/dumps-newline", "body.reserialised.python.ascii+body.newline.lost", signed(json.dumps(DATA) + "\n"))
out("two/dumps-key-newline", "body.reserialised.python.ascii+key.newline", signed(json.dumps(DATA), key=KEY + "\n"))
out("two/bytes-text-no-time", "body.python_bytes.signed+text.without_timestamp", baanx(str(COMPACT.encode())))

# Keys that copying damaged, where any text could be a key.
DOLLARS = "p$$w0rd-of-the-webhook$1"
AMP = "R&D<team>\"quoted\"-webhook-key"
PADDED = base64.b64encode(b"a key that is base64 text, of 37 bytes").decode()
assert PADDED.endswith("=")
out("key-dollars", "key.dollars", signed(COMPACT, key=DOLLARS), key=DOLLARS.replace("$", "$$"))
out("key-dollars-lost", "key.dollars.lost", signed(COMPACT, key="cash$$only$$webhook"), key="cash$only$webhook")
out("key-entities", "key.entities", signed(COMPACT, key=AMP), key=html.escape(AMP))
out("key-entities-number", "key.entities", signed(COMPACT, key="5+5=ten-webhook"), key="5&#43;5&#x3d;ten-webhook")
out("key-padding", "key.padding", signed(COMPACT, key=PADDED), key=PADDED.rstrip("="))
out("key-padding-zendesk", "key.padding", {"X-Zendesk-Webhook-Signature": base64.b64encode(mac(PADDED, "2026-01-01T00:00:00Z", COMPACT).digest()).decode(), "X-Zendesk-Webhook-Signature-Timestamp": "2026-01-01T00:00:00Z"}, scheme="zendesk", key=PADDED.rstrip("="), now=1767225603)
out("key-backslash-n", "key.escapes", signed(COMPACT), key=KEY + "\\n")
out("key-unseen", "key.unseen", signed(COMPACT), key=KEY[:9] + "\u200b" + KEY[9:])
TEST = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
assert base64.b64decode(TEST) == b"this_secret_is_for_testing_only"
for i, text in enumerate(['{"id":"42","subject":"Zo\u00eb"}', ""]):
    out(f"key-zendesk-test-{i}", "key.test", {"X-Zendesk-Webhook-Signature": base64.b64encode(mac(TEST, "2026-01-01T00:00:00Z", text).digest()).decode(), "X-Zendesk-Webhook-Signature-Timestamp": "2026-01-01T00:00:00Z"}, body=text, scheme="zendesk", key=KEY, now=1767225603)

# Bodies inside others, and parts of them: queues and functions wrap, and code signs what a parser gave it.
NESTED = '{"type":"refund","at":"2025-06-15T15:06:40.120Z","object":{"price":3,"note":"Łódź"},"seen":"2025-06-15T15:06:41.000Z"}'
B64 = base64.b64encode(NESTED.encode()).decode()
out("wrapped-text", "body.wrapped", signed(NESTED), body=json.dumps({"Type": "Notification", "Message": NESTED, "Subject": "hook"}))
out("wrapped-base64", "body.wrapped", signed(NESTED), body=json.dumps({"routeKey": "POST /in", "body": B64, "isBase64Encoded": True}))
out("wrapped-form", "body.wrapped", signed("a=1&b=two"), body=json.dumps({"requestContext": {"stage": "x"}, "body": "a=1&b=two"}))
out("wrapped-twice", "body.wrapped", signed(NESTED), body=json.dumps({"Records": [{"eventSource": "aws:sqs", "body": json.dumps({"Type": "Notification", "Message": NESTED})}]}))
out("wrapped-newline", "body.wrapped+body.newline.lost", signed(NESTED + "\n"), body=json.dumps({"message": {"data": B64}}))
out("part", "body.part", signed('{"price":3,"note":"Łódź"}'), body=NESTED)
out("part-dumps", "body.part", signed(json.dumps(json.loads(NESTED)["object"])), body=NESTED)
out("part-of-list", "body.part", signed(NESTED), body="[" + NESTED + "]")
out("out-of-list", "body.unwrapped", signed("[" + NESTED + "]"), body=NESTED)
out("stands-twice", "body.json.surrounded", signed(NESTED), body=NESTED + "\n" + NESTED)
out("entities", "body.entities", signed('{"html":"<i>a</i> & \'b\'"}'), body='{"html":"&lt;i&gt;a&lt;/i&gt; &amp; &#39;b&#39;"}')
out("entities-quotes", "body.entities", signed(NESTED), body=html.escape(NESTED))

# Dates that a library read and wrote again, as Json.NET, JavaScript, Python's isoformat, Java's Instant and .NET's "O" do.
for name, was, now in [
    ("json-net", (".120Z", ".000Z"), (".12Z", "Z")), ("to-json", ("Z", "Z"), (".000Z", ".000Z")), ("isoformat", (".120Z", ".000Z"), (".120000+00:00", "+00:00")),
    ("pydantic", (".120+00:00", "+00:00"), (".120Z", "Z")), ("round-trip", (".120Z", ".000Z"), (".1200000Z", ".0000000Z")), ("offset", (".000+02:00", ".500+02:00"), ("+02:00", ".5+02:00")),
]:
    text = '{"id":7, "made":"2025-06-15T15:06:40%s", "paid":{"at":"2025-06-15T15:06:41%s"}}'
    out("date-" + name, "body.date.anew", signed(text % was), body=text % now)
out("date-one", "body.date.anew", signed('{"a":"2025-06-15T15:06:40.000Z","b":"2025-06-15T15:06:40Z"}'), body='{"a":"2025-06-15T15:06:40Z","b":"2025-06-15T15:06:40Z"}')
out("date-dumps", "body.date.anew", signed('{"a":"2025-06-15T15:06:40.000Z","b":"Łódź"}'), body=json.dumps({"a": "2025-06-15T15:06:40Z", "b": "Łódź"}))

# Line breaks that curl -d takes out of a file, and that programs change in the fields of a form.
for indent in (2, 4, "\t"):
    lines = json.dumps(json.loads(NESTED), indent=indent, ensure_ascii=False)
    out(f"curl-d-{indent!r}".replace("\\", "").replace("'", ""), "body.line_breaks.lost", signed(lines), body=lines.replace("\n", ""))
lines = json.dumps(DATA, indent=2)
out("curl-d-newline", "body.line_breaks.lost+body.newline.lost", signed(lines + "\n"), body=lines.replace("\n", ""))
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
out("form-lf", "body.line_ends.form.crlf", {**FORM, **signed("text=one%0D%0Atwo%0D%0A&to=x")}, body="text=one%0Atwo%0A&to=x")
out("form-crlf", "body.line_ends.form.lf", {**FORM, **signed("text=one%0atwo&to=x")}, body="text=one%0d%0atwo&to=x")
out("twilio-form-lf", "body.line_ends.form.crlf", {**FORM, **twilio(HOOK, "Body=one%0D%0Atwo&To=1")}, body="Body=one%0Atwo&To=1", scheme="twilio", url=HOOK)

# Keys with something around them, and several in one text.
SECOND = "another-key-of-the-webhook-9"
for name, expect, text in [
    ("json", "json", json.dumps({"user": "hook", "WEBHOOK_KEY": KEY})), ("yaml", "assignment", "webhook-key: " + KEY), ("yaml-quoted", "assignment", f'"key": "{KEY}",'),
    ("comment", "comment", KEY + "  # until May"), ("comment-slashes", "comment", f'"{KEY}" // live'), ("semicolon", "punctuation", f"'{KEY}';"), ("comma", "punctuation", KEY + ","),
    ("typographic", "quotes", f"„{KEY}“"), ("several-lines", "several", SECOND + "\n" + KEY), ("several-commas", "several", KEY + ", " + SECOND),
    ("base64-echo", "base64.newline", base64.b64encode((KEY + "\n").encode()).decode()),
]:
    out("key-around-" + name, "key." + expect, signed(COMPACT), key=text)
out("key-plus", "key.plus", signed(COMPACT, key="q+Zr/8+ab0123456789"), key="q Zr/8 ab0123456789")

# Signatures as languages show bytes, and as something on the way wrote them.
DIGEST = mac(KEY, COMPACT)
HUB = "X-Hub-Signature-256"
out("sig-0x", "digest.encoding.hex_in_pieces", {"X-Timestamp": TS, "X-Signature": "0x" + mac(KEY, TS + ".", COMPACT).hexdigest()})
out("sig-dashes", "digest.encoding.hex_in_pieces", {HUB: "sha256=" + DIGEST.digest().hex("-").upper()}, scheme="github")
out("sig-colons", "digest.encoding.hex_in_pieces", {"Linear-Signature": DIGEST.digest().hex(":")}, scheme="linear")
out("sig-url-encoded", "digest.url_encoded", {HUB: "sha256%3D" + DIGEST.hexdigest()}, scheme="github")
out("sig-url-encoded-base64", "digest.url_encoded", {"X-Shopify-Hmac-Sha256": urllib.parse.quote(base64.b64encode(DIGEST.digest()).decode(), safe="")}, scheme="shopify")
out("sig-list", "digest.prefix", {HUB: f'["sha256={DIGEST.hexdigest()}"]'}, scheme="github")
out("sig-bytes", "digest.prefix", {"X-Shopify-Hmac-Sha256": str(base64.b64encode(DIGEST.digest()))}, scheme="shopify")

# URLs behind a proxy that ends TLS and changes something else.
out("url-https-slash", "text.url.slash", twilio("https://hooks.example.test/a?x=1", "To=1"), body="To=1", scheme="twilio", url="http://hooks.example.test/a/?x=1")
out("url-https-port-slash", "text.url.slash", twilio("https://hooks.example.test/a/", "To=1"), body="To=1", scheme="twilio", url="http://hooks.example.test:8443/a")
out("url-https-query", "text.url.query", twilio("https://hooks.example.test/a", "To=1"), body="To=1", scheme="twilio", url="http://hooks.example.test/a?from=proxy")
