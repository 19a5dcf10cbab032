"""Drives bash, zsh and fish with whctl's completion scripts. Ends with 1 when a shell offers anything else than whctl does."""

import http.server
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import threading

WORK = tempfile.mkdtemp(prefix="completion-")
PATIENCE = 20  # seconds, for one answer of a shell
NAMES = [
    "$(touch pwned)", "`touch pwned`", "a;touch pwned", "a&touch pwned&", "|touch pwned", ">pwned", "a\ntouch pwned", "a\ttouch pwned",
    "${x:=$(touch pwned)}", "'$(touch pwned)'", '"$(touch pwned)"', "(touch pwned)", "<(touch pwned)", "=(touch pwned)", "{a,b}", "*", "~root", "a'b", 'a"b',
    "a\\b", "-rf", "_activeHelp_ x", ":4", "a b", "ä", "\u001b[2J", "\u202ereversed", "", "a" * 5000, "$[$(touch pwned)]", "(e:touch pwned:)",
]
ID = "00000000-0000-4000-8000-%012d"
HOOKS = [{"id": ID % i, "name": name} for i, name in enumerate(NAMES + ["good-1", "good-2"])]
HOOKS += [{"id": "$(touch pwned)", "name": "$(touch pwned)"}]
EVENTS = {"total": 3, "events": [{"eventId": e, "eventType": "$(touch pwned)", "status": "`touch pwned`"} for e in ("evt-1", "evt-2", "$(touch pwned)")]}


class API(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(EVENTS if "/events" in self.path else HOOKS).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def environment(port):
    for name in ("bin", "home", "here"):
        os.mkdir(os.path.join(WORK, name))
    os.symlink(os.environ["WHCTL"], os.path.join(WORK, "bin", "whctl"))
    return {
        "PATH": os.path.join(WORK, "bin") + ":/usr/local/bin:/usr/bin:/bin", "HOME": os.path.join(WORK, "home"), "LANG": "C.UTF-8", "TERM": "xterm",
        "WHCTL_KEYRING": "file", "WHCTL_DATA_DIR": os.path.join(WORK, "data"), "WHCTL_API_URL": f"http://127.0.0.1:{port}", "WHCTL_PROFILE": "baanx",
        "WHCTL_TOKEN": "tok-only-for-this-test", "FIFO": os.path.join(WORK, "fifo"), "DUMP": os.path.join(WORK, "zdump"),
    }


def whctl(env, *args, stdin=""):
    r = subprocess.run(["whctl", *args], env=env, cwd=os.path.join(WORK, "here"), input=stdin, capture_output=True, text=True, timeout=PATIENCE)
    if r.returncode:
        sys.exit(f"whctl {args}: exit code {r.returncode}\n{r.stderr}")
    return r.stdout


def record(env):
    """Fills a journal: samples, and deliveries whose types a shell would run."""
    with open(os.path.join(WORK, "key"), "w") as f:
        f.write("only-for-this-test-0123456789abcdef\n")
    os.chmod(os.path.join(WORK, "key"), 0o600)
    key = ["--secret-file", os.path.join(WORK, "key")]
    types = ["card.activated", "odd.type", "$(touch pwned)", "`touch pwned`", "a\ttouch pwned", "a;touch pwned"]
    ready = os.path.join(WORK, "ready")
    listener = subprocess.Popen(["whctl", "listen", "--addr", "127.0.0.1:0", "--ready-file", ready, "--exit-after", str(len(types)), "--forward", "127.0.0.1:9", "--ack", "now", *key],
                                env=env, cwd=WORK, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    line = listener.stdout.readline()
    while not os.path.exists(ready) and line:
        line = listener.stdout.readline()
    address = open(ready).read().split()[0]
    drain = threading.Thread(target=listener.stdout.read)
    drain.start()
    for i, t in enumerate(types):
        whctl(env, "send", "-", "--to", address, *key, stdin=json.dumps({"event_type": t, "event_id": f"evt-{i}"}))
    listener.wait(PATIENCE)
    drain.join()
    return json.loads(whctl(env, "journal", "list", "-o", "json"))[0]["id"]


def offered(env, line):
    """What whctl offers after a line: the truth that shells are held to."""
    out = whctl(env, "__complete", *line.split(" ")[1:]).splitlines()
    return [w.split("\t")[0] for w in out[:-1]]


class Shell:
    """An interactive shell on a terminal, which says through a pipe what it was offered and what its line is."""

    def __init__(self, env, argv, setup):
        os.mkfifo(env["FIFO"])
        self.fifo = os.open(env["FIFO"], os.O_RDWR)
        self.path = env["FIFO"]
        self.screen = b""
        pid, self.tty = pty.fork()
        if pid == 0:
            os.chdir(os.path.join(WORK, "here"))
            os.execvpe(argv[0], argv, env)
        self.pid = pid
        self.type(setup + "\n")
        self.until("READY")

    def type(self, text):
        os.write(self.tty, text.encode())

    def until(self, mark):
        """Reads the pipe up to a line that is the mark, and lets the shell write on the terminal meanwhile."""
        text = b""
        while not text.endswith(("\n" + mark + "\n").encode()) and text != (mark + "\n").encode():
            ready, _, _ = select.select([self.tty, self.fifo], [], [], PATIENCE)
            if not ready:
                sys.exit(f"the shell does not say {mark}: {text!r}; its screen: {self.screen[-3000:]!r}")
            if self.tty in ready:
                self.screen += os.read(self.tty, 65536)
            if self.fifo in ready:
                text += os.read(self.fifo, 65536)
        return text.decode().splitlines()[:-1]

    def tab(self, line):
        self.type("\x15" + line + "\t")
        words = self.until("OFFERED")
        self.type("\x18\x0c")
        return words, self.until("LINE")[0]

    def end(self):
        self.type("\x15exit\n")
        try:
            while os.read(self.tty, 65536):
                pass
        except OSError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.tty)
        os.close(self.fifo)
        os.unlink(self.path)


BASH = r"""
PS1=; bind 'set show-all-if-ambiguous on'; bind 'set completion-query-items 0'; bind 'set page-completions off'; bind 'set enable-bracketed-paste off'
source /usr/share/bash-completion/bash_completion; source <(whctl completion bash)
told() { __start_whctl "$@"; printf '%s\n' "${COMPREPLY[@]}" OFFERED >"$FIFO"; }
complete -o default -F told whctl
line() { printf '%s\n' "$READLINE_LINE" LINE >"$FIFO"; }
bind -x '"\C-x\C-l": line'; echo READY >"$FIFO"
"""

# Matches are taken where they are given to the shell, in compadd; -O, -A and -D only ask.
ZSH = r"""
PS1= RPS1= LISTMAX=100000; unsetopt zle_bracketed_paste prompt_cr prompt_sp beep always_last_prompt 2>/dev/null
autoload -Uz compinit; compinit -u -d $DUMP; source <(whctl completion zsh)
offers=(); compadd() { local -a hits; if (( ! ${@[(I)-[OAD]]} )); then builtin compadd -A hits "$@"; offers+=("${hits[@]}"); fi; builtin compadd "$@" }
tell() { print -rl -- $offers OFFERED >$FIFO; offers=() }; before() { comppostfuncs=(tell) }; compprefuncs=(before)
whole() { offers=(); comppostfuncs=(tell); zle complete-word; compprefuncs=(before) }; zle -N whole; bindkey '^I' whole
line() { print -rl -- $BUFFER LINE >$FIFO }; zle -N line; bindkey '^X^L' line; bindkey '^U' kill-whole-line
echo READY >$FIFO
"""

FISH = r"""
source (whctl completion fish | psub)
while read -l line
    for word in (complete -C "$line"); string split -f 1 \t -- $word; end
    echo OFFERED
end
"""


def fish(env, lines):
    r = subprocess.run(["fish", "-N", "-c", FISH], env=env, cwd=os.path.join(WORK, "here"), input="".join(l + "\n" for l in lines), capture_output=True, text=True, timeout=90)
    words, answers = [], []
    for l in r.stdout.splitlines():
        if l == "OFFERED":
            answers.append(words)
            words = []
        else:
            words.append(l)
    if len(answers) != len(lines):
        sys.exit(f"fish answered {len(answers)} of {len(lines)} lines: {r.stderr}")
    return answers


def compare(shell, line, got, want):
    got = sorted({re.sub(r" +\(.*\)$", "", w).replace("\\,", ",") for w in got if w})  # bash writes a comma as \,
    if got == sorted(want):
        return True
    print(f"{shell}: {line!r}: {sorted(set(want) - set(got))} are missing, {sorted(set(got) - set(want))} are no words of whctl's")
    return False


def settled(shell, line, after, want):
    """Says whether a TAB left what was typed, and beyond it only what all words begin with, or the one word."""
    typed = line.rsplit(" ", 1)[0] + " "
    common = os.path.commonprefix(want) if want else line[len(typed):]
    fits = after.rstrip().replace("\\,", ",") in ((typed + common).rstrip(), line.rstrip())
    if not fits:
        print(f"{shell}: {line!r}: the line is {after!r} after a TAB")
    return fits


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), API)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = environment(server.server_address[1])
    newest = record(env)
    lines = ["whctl " + l for l in (
        "webhooks get ", "webhooks get good", "webhooks get good-1", "webhooks delete 0000", "webhooks get x ", "events list --webhook ", "events get ", "events retry evt-1 ",
        "why ", "journal show ", "journal show la", "journal diff " + newest + " ", "journal diff a b ", "replay " + newest[:3], "verify --delivery ", "journal list --type ",
        "journal list --type odd", "journal list --type odd.type,card.a", "journal list --event ", "queue pause ", "queue drop ", "replay --target ", "send --scheme sh", "schemes show str",
        "schemes show github --code ", "listen --trigger ", "sandbox trigger card.", "sandbox play ", "profile use ", "config get api", "check --only sig", "webhooks create --events card.activated,tr",
        "keys add x --scheme baa", "help ex", "webhooks ", "que",
    )]
    want = [offered(env, l) for l in lines]
    flat = {w for ws in want for w in ws}
    odd = [w for w in flat if not re.fullmatch(r"[A-Za-z0-9_./][A-Za-z0-9_.:/+,-]*", w)]
    failed = len(odd)
    for w in odd:
        print(f"whctl offers {w!r}")
    empty = [l for l, ws in zip(lines, want) if not ws and l.split()[-1] not in ("b", "x")]
    for l in empty:
        print(f"whctl offers nothing after {l!r}")
    failed += len(empty)
    for name, argv, setup in (("bash", ["bash", "--norc", "--noprofile", "-i"], BASH), ("zsh", ["zsh", "-f", "-i"], ZSH)):
        shell = Shell(env, argv, setup)
        good = 0
        for line, words in zip(lines, want):
            got, after = shell.tab(line)
            good += compare(name, line, got, words) and settled(name, line, after, words)
        shell.end()
        print(f"{name}: {good} of {len(lines)} lines are completed as whctl has it")
        failed += len(lines) - good
    good = sum(compare("fish", line, got, words) for line, got, words in zip(lines, fish(env, lines), want))
    print(f"fish: {good} of {len(lines)} lines are completed as whctl has it")
    failed += len(lines) - good
    ran = [os.path.join(d, f) for d, _, files in os.walk(WORK) for f in files if f == "pwned"]
    print(f"{len(NAMES)} hostile names of webhooks, 4 of types: {len(ran)} ran; {len(flat)} words offered")
    return 1 if failed or ran else 0


try:
    code = main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
sys.exit(code)
