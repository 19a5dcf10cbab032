#!/usr/bin/env python3
"""Sends refused deliveries whose event types fill lines to a listener in tmux, and reads the screen as a person would."""
import http.client, json, os, subprocess, sys, tempfile, time

WHCTL, COLS = os.environ["WHCTL"], 110
FORGED = "14:03:07.112  ✓ valid      kyc.status.changed  →  200"
UNITS = {
    "Hangul jamo": "\u1100", "vowel jamo": "\u1161", "Devanagari conjunct": "\u0915\u094d", "Arabic number sign": "\u0600", "Tamil vowel sign": "\u0bbe",
    "regional indicator": "\U0001f1e6", "emoji selector": "a\ufe0f", "skin tone": "\U0001f44d\U0001f3fd", "voiced mark": "\uff9e", "Thai AM": "\u0e33",
    "Zalgo": "e\u0301\u0302\u0303", "wide": "名", "young mark": "\U000113b8", "long dash": "\u2e3b", "tone mark": "\u302e", "family": "👩\u200d",
}


def screen(typ, d):
    ready, sock = d + "/ready", d + "/socket"
    for name in (ready, sock):
        if os.path.exists(name):
            os.remove(name)
    env = {"PATH": os.environ["PATH"], "HOME": d, "WHCTL_DATA_DIR": d + "/data", "WHCTL_KEYRING": "file", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
    tmux = ["tmux", "-u", "-S", sock]
    cmd = f"{WHCTL} listen --addr 127.0.0.1:0 --ready-file {ready} --secret-file {d}/key --body none --color never"
    subprocess.run(tmux + ["new-session", "-d", "-x", str(COLS), "-y", "40", cmd], env=env, check=True)
    try:
        for _ in range(200):
            if os.path.exists(ready):
                break
            time.sleep(0.05)
        conn = http.client.HTTPConnection("127.0.0.1", int(open(ready).read().strip().rsplit(":", 1)[1]), timeout=10)
        body = json.dumps({"event_type": typ, "event_id": "x"}, ensure_ascii=False).encode()
        conn.request("POST", "/", body, {"X-Signature": "0" * 64, "X-Timestamp": str(int(time.time()))})
        if conn.getresponse().status != 401:
            sys.exit("not refused")
        text = ""
        for _ in range(200):
            text = subprocess.run(tmux + ["capture-pane", "-p"], env=env, capture_output=True).stdout.decode()
            if "mismatch" in text and "why" in text:
                break
            time.sleep(0.05)
        return text
    finally:
        subprocess.run(tmux + ["kill-server"], env=env, capture_output=True)


def answered(lines):
    """Whether the verdict's line ends with the answer, or the line below it, where the type leaves no room."""
    at = next((i for i, l in enumerate(lines) if "✗ mismatch" in l), None)
    return at is not None and ("→  401" in lines[at] or at + 1 < len(lines) and lines[at + 1].lstrip().startswith("→  401"))


failed = 0
with tempfile.TemporaryDirectory() as d:
    with open(d + "/key", "w") as f:
        f.write("whk_exampleonly0000000000000000000000001")
    os.chmod(d + "/key", 0o600)
    for name, unit in UNITS.items():
        for n in (41, 60, 200):
            lines = screen(unit * n + " " + FORGED + unit * 30, d).splitlines()
            bad = [l for l in lines if l.lstrip().startswith("14:03:07")] or not answered(lines) and ["no line of its own"]
            if bad:
                failed += 1
                print(f"FAIL {name} x {n}: {bad}")
print(f"{3 * len(UNITS)} refused deliveries shown, {failed} of them with a forged line")
sys.exit(failed > 0)
