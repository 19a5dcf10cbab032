#!/usr/bin/env python3
"""Has tmux draw every character and asks it for its cursor. "measure.py" prints the table; "measure.py check" compares it."""
import os, re, subprocess, sys, tempfile, termios, time, tty, unicodedata

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../internal/term/testdata/tmux-widths.txt")


def characters():
    for c in range(0xA0, 0x32000):
        kind = unicodedata.category(chr(c))
        if 0xD800 <= c < 0xE000 or 0x20100 < c < 0x2FF00 or kind in ("Cc", "Cs") or kind == "Cn" and c > 0x1FFFF:
            continue
        yield c


def inside(out):
    """Runs in the terminal."""
    old = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        with open(out + ".new", "w") as f:
            for c in characters():
                os.write(1, b"\r\x1b[2K" + chr(c).encode() + b"\x1b[6n")
                answer = b""
                while not answer.endswith(b"R"):
                    answer += os.read(0, 1)
                f.write("%x %d\n" % (c, int(re.search(rb";(\d+)R", answer)[1]) - 1))
        os.rename(out + ".new", out)
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, old)


def drawn():
    with tempfile.TemporaryDirectory() as d:
        tmux = ["tmux", "-u", "-S", d + "/socket"]
        env = dict(os.environ, LC_ALL="C.UTF-8")
        subprocess.run(tmux + ["new-session", "-d", "-x", "200", "-y", "20", f"python3 {os.path.abspath(__file__)} inside {d}/out"], env=env, check=True)
        try:
            for _ in range(1200):
                if os.path.exists(d + "/out"):
                    break
                time.sleep(0.1)
            return {int(c, 16): int(n) for c, n in (line.split() for line in open(d + "/out"))}
        finally:
            subprocess.run(tmux + ["kill-server"], env=env, capture_output=True)


def table():
    known, columns = {}, 0
    for line in open(TABLE):
        if line.startswith("columns "):
            columns = int(line.split()[1])
        elif not line.startswith("#"):
            for run in line.split():
                first, _, last = run.partition("-")
                for c in range(int(first, 16), int(last or first, 16) + 1):
                    known[c] = columns
    return known


def main():
    if sys.argv[1:2] == ["inside"]:
        return inside(sys.argv[2])
    widths = drawn()
    if sys.argv[1:] != ["check"]:
        runs = []
        for c, n in sorted(widths.items()):
            if runs and runs[-1][1] == c - 1 and runs[-1][2] == n:
                runs[-1][1] = c
            else:
                runs.append([c, c, n])
        for columns in (1, 2):
            print("columns", columns)
            print(" ".join("%x" % a if a == b else "%x-%x" % (a, b) for a, b, n in runs if n == columns))
        return None
    version = subprocess.run(["tmux", "-V"], capture_output=True, text=True).stdout.strip()
    known = table()
    wider = [c for c, n in widths.items() if n > known.get(c, 0)]
    print(f"{version}: {len(widths)} characters drawn, {len(wider)} wider than the table has them")
    if wider and version in open(TABLE).read():
        sys.exit("wider: " + " ".join("%x" % c for c in wider[:50]))
    return None


main()
