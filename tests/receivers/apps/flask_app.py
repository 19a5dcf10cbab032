"""A receiver on Flask: flask_app.py SCHEME [FAULT], with the key in RECEIVER_KEY. Prints its URL.

Nothing but Flask and the standard library: it verifies as the providers' pages say.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import sys
import time

from flask import Flask, Response, request
from werkzeug.serving import make_server

WINDOW = 300  # seconds, the same for all four schemes that have a time

scheme = sys.argv[1]
fault = sys.argv[2] if len(sys.argv) > 2 else "right"
key = os.environ["RECEIVER_KEY"]

app = Flask(__name__)


def digest(secret: bytes, *parts: bytes) -> "hmac.HMAC":
    h = hmac.new(secret, digestmod=hashlib.sha256)
    for part in parts:
        h.update(part)
    return h


def same(want: str, got: str) -> bool:
    # compare_digest raises TypeError on a str that is not ASCII, so bytes are compared.
    return hmac.compare_digest(want.encode(), got.encode("utf-8", "surrogateescape"))


def in_time(text: str) -> bool:
    if fault == "throws-on-time":
        return abs(time.time() - int(text)) < WINDOW + 1
    # int() alone takes '+5', ' 5 ' and '1_000', and raises on the rest.
    return re.fullmatch("[0-9]{1,12}", text) is not None and abs(time.time() - int(text)) < WINDOW + 1


def header(name: str) -> str:
    value = request.headers.get(name, "")
    # Werkzeug joins a header that comes twice.
    return value.split(",")[0].strip() if fault == "first-header" else value


def baanx(body: bytes) -> bool:
    at = header("X-Timestamp")
    if fault != "no-clock" and not in_time(at):
        return False
    return same(digest(key.encode(), at.encode(), b".", body).hexdigest(), header("X-Signature"))


def slack(body: bytes) -> bool:
    at = header("X-Slack-Request-Timestamp")
    return in_time(at) and same("v0=" + digest(key.encode(), b"v0:", at.encode(), b":", body).hexdigest(), header("X-Slack-Signature"))


def github(body: bytes) -> bool:
    return same("sha256=" + digest(key.encode(), body).hexdigest(), header("X-Hub-Signature-256"))


def stripe(body: bytes) -> bool:
    pairs = [item.partition("=") for item in header("Stripe-Signature").split(",")]
    at = next((value for name, _, value in pairs if name == "t"), "")
    want = digest(key.encode(), at.encode(), b".", body).hexdigest()
    return in_time(at) and any(same(want, value) for name, _, value in pairs if name == "v1")


def standard_webhooks(body: bytes) -> bool:
    at, msg = header("webhook-timestamp"), header("webhook-id")
    secret = base64.b64decode(key.removeprefix("whsec_"))
    want = "v1," + base64.b64encode(digest(secret, msg.encode(), b".", at.encode(), b".", body).digest()).decode()
    return msg != "" and in_time(at) and any(same(want, item) for item in header("webhook-signature").split(" "))


verify = {"baanx": baanx, "slack": slack, "github": github, "stripe": stripe, "standard-webhooks": standard_webhooks}[scheme]


@app.post("/hooks")
def hooks() -> Response:
    if fault == "parsed-body":
        body = json.dumps(request.get_json(), separators=(",", ":")).encode()
    else:
        body = request.get_data()
    if not verify(body):
        return Response(status=401)
    if fault == "throws-on-json":
        json.loads(body).get("type")
        return Response(status=200)
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        # Slack's commands come as forms.
        return Response(status=200 if request.mimetype == "application/x-www-form-urlencoded" else 400)
    if not isinstance(event, dict):
        return Response(status=400)
    # Slack asks whether the URL is yours, and wants its challenge back.
    asks = scheme == "slack" and event.get("type") == "url_verification"
    return Response(str(event.get("challenge")) if asks else "", status=200, mimetype="text/plain")


server = make_server("127.0.0.1", 0, app, threaded=True)
print(f"http://127.0.0.1:{server.server_port}/hooks", flush=True)
server.serve_forever()
