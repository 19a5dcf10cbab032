"""What every app calls with what it takes for the raw bytes."""

import hashlib
import hmac
import os


def verify(raw, headers):
    return isinstance(raw, bytes) and hmac.new(os.environ["KEY"].encode(), raw, hashlib.sha256).hexdigest() == headers.get("X-Signature")
