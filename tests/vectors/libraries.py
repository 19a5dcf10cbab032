"""The vectors of whctl, tried on Stripe's library for Python. It reads the clock, so the vectors are made for now."""

import base64
import json
import pathlib
import sys

import stripe

here = pathlib.Path(__file__).parent
scheme, name = sys.argv[1:]
vectors = json.loads(pathlib.Path(name).read_text())
differences = json.loads((here / "differences.json").read_text())["python"].get(scheme, {})


def accepts(body: bytes, headers: dict[str, str]) -> bool:
    header = headers.get("stripe-signature")
    try:
        return bool(stripe.WebhookSignature.verify_header(body.decode(), header, vectors["key"], 300))
    except (stripe.error.SignatureVerificationError, ValueError, AttributeError):
        return False


agreed, known, wrong = 0, 0, []
for one in vectors["vectors"]:
    q = one["request"]
    body = q["body"].encode() if "body" in q else base64.b64decode(q["bodyBase64"])
    headers = {n.lower(): ",".join(v) for n, v in q["headers"].items()}  # as WSGI servers join them
    ok = accepts(body, headers)
    why = differences.get(one["id"])
    if ok == one["ok"] and not why:
        agreed += 1
    elif ok != one["ok"] and why:
        known += 1
    else:
        wrong.append(f"{one['id']}: the library {'accepts' if ok else 'refuses'} it, whctl says {one['reason']}")
for line in wrong:
    print(f"  python {scheme} {line}", file=sys.stderr)
print(f"{'FAIL' if wrong else 'ok'}  python {scheme}: {agreed} vectors agree, {known} differ for a known reason")
sys.exit(bool(wrong))
