"""Requests of providers that are in no catalogue, signed by Python. Prints JSON lines; see generate."""

import base64
import hashlib
import hmac
import json

KEY = "s3cr3t-Key_0123456789abcdef"
TS = "1750000000"
NOW = 1750000003
BODY = '{"action":"job_post_updated","payload":{"id":1,"content":"<p>a & b</p>","city":"Zoë"}}'


def mac(*parts, alg="sha256", key=KEY):
    return hmac.new(key.encode(), b"".join(p if isinstance(p, bytes) else p.encode() for p in parts), alg)


def b64(m):
    return base64.b64encode(m.digest()).decode()


def out(name, content, headers, body=BODY, key=KEY, valid=True, finding="scheme.inferred", **more):
    print(json.dumps({
        "id": name, "content": content, "headers": headers, "key": key, "now": NOW, "valid": valid, "finding": finding,
        "body_base64": base64.b64encode(body.encode()).decode(), **more,
    }))


# How a signature is written.
for name, value in {
    "label-blank": "sha256 " + mac(BODY).hexdigest(),
    "label-base64": "sha512=" + b64(mac(BODY, alg="sha512")),
    "dotted": "v1." + mac(BODY).hexdigest(),
    "dotted-base64": "v2." + b64(mac(BODY)),
    "key-id": "HMAC-SHA256 app-17:" + b64(mac(BODY)),
    "parameters": 'keyId="app-17",algorithm="hmac-sha256",signature="' + b64(mac(BODY)) + '"',
    "two-labels": "hmac:sha1:" + mac(BODY, alg="sha1").hexdigest(),
    "upper": mac(BODY).hexdigest().upper(),
    "quotes": 'sig="' + mac(BODY).hexdigest() + '"',
    "md5": mac(BODY, alg="md5").hexdigest(),
    "bare-base64url": base64.urlsafe_b64encode(mac(BODY).digest()).decode(),
}.items():
    out("written/" + name, "{body}", {"X-Foo-Signature": value})

# Times beside it in one header.
for name, content, value in [
    ("dot", "{timestamp}.{body}", TS + "." + mac(TS, ".", BODY).hexdigest()),
    ("version-dots", "{timestamp}.{body}", "v1." + TS + "." + b64(mac(TS, ".", BODY))),
    ("colons", "{timestamp}:{body}", "ts:" + TS + ";h1:" + mac(TS, ":", BODY).hexdigest()),
    ("millis", "{timestamp}{body}", "t=" + TS + "000, s=" + mac(TS, "000", BODY).hexdigest()),
]:
    out("time/" + name, content, {"X-Foo": value})

# Headers of other names, and parts in other orders.
NONCE = "b0c1f8e2-5a55-4a0e-9f0a-0a4ad9e3a1f7"
out("header/digest", "{body}", {"X-Payload-Digest": mac(BODY).hexdigest()})
out("header/digest-labelled", "{body}", {"X-Webhook-Digest": "SHA-256=" + b64(mac(BODY))})
out("header/hash", "{body}", {"X-Content-Hash": mac(BODY, alg="sha512").hexdigest()})
for order in ["body.nonce.time", "body:time:nonce", "nonce|time|body", "nonce.body.time", "timenoncebody", "body,nonce,time"]:
    parts = order
    content = order
    for word, value, piece in [("body", BODY, "{body}"), ("nonce", NONCE, "{id}"), ("time", TS, "{timestamp}")]:
        content = content.replace(word, piece)
    parts = content.replace("{id}", NONCE).replace("{timestamp}", TS).replace("{body}", BODY)
    out("order/" + order, content, {"X-Foo-Signature": mac(parts).hexdigest(), "X-Foo-Nonce": NONCE, "X-Foo-Timestamp": TS})
out("order/body-id", "{body}|{id}", {"X-Foo-Signature": mac(BODY, "|", NONCE).hexdigest(), "X-Foo-Request-Id": NONCE})

# Rules and one mistake that was made with the body. Nothing of it is valid.
DATA = json.loads(BODY)
for name, finding, signed in [
    ("html", "body.reserialised.compact.html", BODY.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")),
    ("dumps", "body.reserialised.", json.dumps(DATA)),
    ("line-feed", "body.newline.lost", BODY + "\n"),
    ("indent", "body.reserialised.indent2", json.dumps(DATA, indent=2, ensure_ascii=False)),
]:
    out("body/" + name, "{body}", {"X-Foo-Check": "sha256 " + mac(signed).hexdigest()}, valid=False, finding="scheme.inferred+" + finding)
    out("body-time/" + name, "{timestamp}.{body}", {"X-Foo-Time": TS, "X-Foo-Sig": b64(mac(TS, ".", signed))}, valid=False, finding="scheme.inferred+" + finding)

# Plain hashes: another kind than HMAC.
out("plain/key-first", "{secret}{body}", {"X-Foo-Hash": hashlib.sha256((KEY + BODY).encode()).hexdigest()}, valid=False, finding="auto.plain")
out("plain/key-last-sha1", "{body}{secret}", {"X-Foo-Signature": "sha1=" + hashlib.sha1((BODY + KEY).encode()).hexdigest()}, valid=False, finding="auto.plain")
out("plain/md5", "{secret}{body}", {"X-Foo-Sign": hashlib.md5((KEY + BODY).encode()).hexdigest()}, valid=False, finding="auto.plain")
out("plain/time", "{timestamp}{body}{secret}", {"X-Foo-Signature": hashlib.sha512((TS + BODY + KEY).encode()).hexdigest(), "X-Foo-Time": TS}, valid=False, finding="auto.plain")

# The key itself in a header.
out("token/bare", "", {"X-Foo-Secret-Token": KEY}, valid=False, finding="auto.token.header")
out("token/bearer", "", {"Authorization": "Bearer " + KEY}, valid=False, finding="auto.token.header")
out("token/digest-length", "", {"X-Foo-Token": "0f" * 32}, key="0f" * 32, valid=False, finding="auto.token.header")

# A time that is not signed, and a key that could be public: worked out, and not valid.
BARE = hashlib.sha256(b"bare").hexdigest()
out("limit/unsigned-time", "{body}", {"X-Foo-Signature": mac(BODY).hexdigest(), "X-Foo-Time": TS}, valid=False)
out("limit/time-in-nonce", "{id}.{body}", {"X-Foo-Signature": mac(TS, ".", BODY).hexdigest(), "X-Foo-Nonce": TS, "X-Foo-Other": "x"}, valid=False, either="{timestamp}.{body}")
for unit, written in [("micros", TS + "123456"), ("nanos", TS + "123456789"), ("hex", format(int(TS), "x")), ("hex-millis", format(int(TS + "123"), "x")), ("micros-in-id", "evt-" + TS + "123456")]:
    out("limit/time-in-nonce-" + unit, "{id}.{body}", {"X-Foo-Signature": mac(written, ".", BODY).hexdigest(), "X-Foo-Nonce": written}, valid=False)
out("limit/micros-beside", "{body}", {"X-Foo-Signature": mac(BODY).hexdigest(), "X-Foo-Sent-At": TS + "123456"}, valid=False)
out("limit/hex-beside", "{body}", {"X-Foo-Signature": mac(BODY).hexdigest(), "X-Foo-Time": format(int(TS), "X")}, valid=False)
# Ids that are no times: of a trace, in hex, too early and too late for a time of our days.
for name, written in [("uuid", "5759e988-bd86-4e3f-a1be-46a99427279f"), ("hex32", "5759e988bd862e3fe1be46a99427279f"), ("digits", "8123456789012345"), ("short", "0f3a9c21")]:
    out("no-time/" + name, "{id}.{body}", {"X-Foo-Signature": mac(written, ".", BODY).hexdigest(), "X-Foo-Id": written, "X-Trace-Id": TS + "123456"})
out("limit/time-beside", "{body}", {"X-Foo": "t=" + TS + ",v1=" + mac(BODY).hexdigest()}, valid=False)
out("limit/time-in-label", "{body}", {"X-Foo": TS + "." + mac(BODY).hexdigest()}, valid=False)
out("limit/bare-key", "{body}", {"X-Foo-Signature": mac(BODY, key=BARE).hexdigest()}, key=BARE, valid=False)
out("limit/old", "{timestamp}.{body}", {"X-Foo": str(NOW - 7200) + "." + mac(str(NOW - 7200), ".", BODY).hexdigest()}, valid=False)

# What no usual way explains.
for name, looks, value in [
    ("sha512", "base64 of SHA-512", b64(mac(BODY, alg="sha512", key="another key"))),
    ("sha256", "hex of SHA-256", "sha256=" + mac(BODY, key="another key").hexdigest()),
    ("rsa", "base64 of an RSA signature", base64.b64encode(b"\x91" * 256).decode()),
    ("jwt", "a JSON web token", "eyJhbGciOiJSUzI1NiJ9.eyJpYXQiOjF9.c2ln"),
]:
    out("tried/" + name, "", {"X-Foo-Signature": value}, valid=False, finding="auto.tried", looks=looks)
