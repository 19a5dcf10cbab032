// Runs every command that the documentation shows: each shell block of each page, in order, in a world of the page's own with a sandbox,
// a handler, keys, requests and a journal. A command that waits is started, must say that it is ready, and is ended with ^C.
// Usage: node commands.mjs [PAGE…]
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { blocks, commandsIn, lines } from "./shell.mjs";

const whctl = path.resolve(process.env.WHCTL);
const work = fs.mkdtempSync(path.join(os.tmpdir(), "whctl-docs-"));
const KEY = "not-a-real-key-only-for-these-tests";
const PATIENCE = 60_000; // for any one command, in milliseconds

// What is not run, and why. The whctl commands in it are still held against the program's flags by check.mjs.
const exceptions = [
  [/^docs\/guides\/handlers\/(?!README)/, /./, "tests/handlers runs these pages whole"],
  [/^docs\/guides\/first-ten-minutes/, /./, "tests/newcomer runs this page whole"],
  [/^docs\/cluster\//, /localhost:8080/, "tests/brokers runs the containers' commands as plain processes"],
  [/^docs\/guides\/consumers/, /./, "tests/brokers builds and runs these programs"],
  [/^(README|CONTRIBUTING)\.md$/, /^(go|make) /, "CI runs these as jobs of their own"],
  [/^tests\//, /./, "runners of tests, which CI runs"],
  [/./, /--platform github/, "asks api.github.com"],
  [/./, /checksums\.txt/, "needs a release"],
  [/./, /^(cloudflared|ngrok|tailscale|ssh|docker|npx|sudo|brew|apt|curl -fsSL|smee|hookdeck|stripe|gh) /, "needs an account, another machine or rights that a test has not"],
];

const children = new Set();
for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130]]) process.on(signal, () => process.exit(code)); // exit is not raised otherwise
process.on("exit", () => {
  for (const child of children) try { process.kill(-child.pid, "SIGKILL"); } catch { /* it ended */ }
  fs.rmSync(work, { recursive: true, force: true });
});

const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/** Starts a line of shell in a group of its own: { child, out(), ended }. */
function shell(line, cwd, env) {
  const child = spawn("bash", ["-ec", line], { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => { out = (out + text).slice(-6000); });
  const timer = setTimeout(() => { out += `\nstopped after ${PATIENCE} ms`; end("SIGKILL"); }, PATIENCE);
  const end = (signal) => { try { process.kill(-child.pid, signal); } catch { /* it ended */ } };
  const ended = new Promise((resolve) => child.once("close", (code, signal) => {
    clearTimeout(timer);
    children.delete(child);
    resolve(code ?? signal);
  }));
  return { end, ended, out: () => out };
}

/** What a page's commands meet. */
class World {
  constructor(page) {
    this.root = fs.mkdtempSync(path.join(work, "page-"));
    this.page = page;
    this.cwd = path.join(this.root, "project");
    this.bin = path.join(this.root, "bin");
    this.handlers = new Map();
    this.waiting = [];
    for (const folder of [".local/share/bash-completion/completions", ".config/fish/completions", "zsh"]) fs.mkdirSync(path.join(this.root, folder), { recursive: true });
    for (const folder of [this.cwd, this.bin, path.join(this.cwd, "recorded"), path.join(this.cwd, "testdata"), path.join(this.cwd, "tests/samples")]) fs.mkdirSync(folder, { recursive: true });
    fs.symlinkSync(whctl, path.join(this.bin, "whctl"));
    this.env = {
      PATH: `${this.bin}:${process.env.PATH}`, HOME: this.root, XDG_CONFIG_HOME: path.join(this.root, "config"), XDG_DATA_HOME: path.join(this.root, "data"),
      TMPDIR: this.root, TERM: "dumb", WHCTL_KEYRING: "file", WHCTL_TOKEN: "whctl-sandbox-token", EDITOR: "edit",
      KEY, WEBHOOK_KEY: KEY, WEBHOOK_SECRET: KEY, STRIPE_SECRET: KEY, GITHUB_SECRET: KEY, STRIPE_WEBHOOK_SECRET: KEY, GITHUB_WEBHOOK_SECRET: KEY, SLACK_SIGNING_SECRET: KEY,
    };
    for (const name of ["key.txt", "key", "app-secret", "token.txt", "old.key"]) this.write(name, KEY);
    this.write("intake.header", `X-Api-Key: ${KEY}\n`);
    this.write("body.json", '{"event_id":"1","event_type":"card.activated"}');
    this.write("tests/samples/card.activated.json", '{"event_id":"1","event_type":"card.activated"}');
    this.write("payload.json", '{"event_id":"2","event_type":"card.activated","user":{"id":"1"}}');
    this.write("paid.json", '{"id":"evt_1","type":"card.paid","data":{"amount":10}}');
    // Programs of the reader's.
    this.program("npm", `[ "$1" = test ] && exec whctl send card.activated --to "$WHCTL_LISTEN_URL" --secret-file "${this.cwd}/key"`);
    this.program("pass", `printf %s "${KEY}"`);
    this.program("psql", "echo 1");
    this.program("edit", 'sed -i s/usr_4711/usr_4712/ "$1"');
    this.program("mail", "cat >/dev/null");
    this.program("sqlite3", 'exec python3 -c "import sqlite3,sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2].split()[1]))" "$@"');
    fs.symlinkSync(path.join(this.bin, "trigger-a-payment"), path.join(this.cwd, "trigger-a-payment"));
    this.program("trigger-a-payment", `exec whctl send "${this.cwd}/paid.json" --scheme stripe --to "$WHCTL_LISTEN_URL" --secret-file "${this.cwd}/key"`);
  }

  write(name, text) { fs.writeFileSync(path.join(this.cwd, name), text, { mode: 0o600 }); }

  program(name, text) { fs.writeFileSync(path.join(this.bin, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 }); }

  run(...args) {
    return execFileSync(whctl, args, { cwd: this.cwd, env: this.env, encoding: "utf8", timeout: PATIENCE, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Starts whctl with a ready file and gives the address in it. */
  async serve(args, env = this.env) {
    const ready = path.join(this.root, `ready-${this.waiting.length}`);
    const done = shell(`exec whctl ${args} --ready-file ${ready}`, this.cwd, env);
    this.waiting.push(done);
    return { addr: await written(ready, done), ...done };
  }

  /** The address of a handler that verifies for a scheme, in the place of the reader's program. */
  async handler(scheme) {
    if (!this.handlers.has(scheme)) {
      const own = { ...this.env, XDG_DATA_HOME: path.join(this.root, `handler-${scheme}`) };
      const more = { twilio: "--public-url https://hooks.example.com", meta: "--verify-token my-token" }[scheme] ?? "";
      this.handlers.set(scheme, (await this.serve(`listen --addr 127.0.0.1:0 --scheme ${scheme} --secret-file key ${more}`, own)).addr);
    }
    return this.handlers.get(scheme);
  }

  /** A sandbox, two webhooks in it, and a journal with what the pages speak of: accepted, refused, failed, dead. */
  async furnish() {
    const sandbox = await this.serve("sandbox --addr 127.0.0.1:0");
    this.env.WHCTL_API_URL = `http://${sandbox.addr}`;
    this.sandbox = sandbox.addr;
    const port = (await this.handler("baanx")).split(":")[1];
    for (const name of ["Card alerts", "staging", "shop"]) this.webhook = JSON.parse(this.run("webhooks", "create", "--name", name, "--url", `http://localhost:${port}/`, "--events", "*", "--active", "-o", "json"));
    this.run("keys", "add", "dev", "--secret-file", "key");
    const listener = await this.serve(`listen --addr 127.0.0.1:0 --ack now --on-invalid forward --forward localhost:${port}`);
    const send = (...more) => this.run("send", "card.activated", "--to", `http://${listener.addr}/`, "--secret-file", "key", "--set", "user_id=usr_4711", ...more);
    // The page of the queue tries the last one again: it has to be dead there.
    const spoiled = [[], [], ["--tamper", "signature"]];
    for (const more of this.page.endsWith("queue.md") ? spoiled : spoiled.reverse()) send(...more);
    await this.until(() => JSON.parse(this.run("queue", "list", "--all", "--state", "dead", "-o", "json")).length === 1);
    listener.end("SIGINT");
    await listener.ended;
    this.id = JSON.parse(this.run("journal", "list", "-o", "json"))[0].id;
  }

  async until(holds) {
    for (const until = Date.now() + PATIENCE; Date.now() < until;) {
      if (holds()) return;
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
    throw new Error("it did not come about");
  }

  /** Requests that a provider of a scheme signed now, or at the time that a command verifies at, as the files that pages name. */
  saved(words) {
    const after = (flag) => words[words.indexOf(flag) + 1];
    let scheme = words.includes("--scheme") ? after("--scheme") : "auto";
    if (scheme === "auto") scheme = words.includes("stripe=STRIPE_SECRET") ? "stripe" : "baanx";
    const more = words.includes("--at") ? ["--timestamp", after("--at")] : [];
    if (words.includes("--param")) more.push("--param", after("--param"));
    let key = "key.txt";
    if (after("--secret-file")?.endsWith(".pem") && !fs.existsSync(path.join(this.cwd, after("--secret-file")))) {
      execFileSync("openssl", ["genrsa", "-out", "signing.pem", "2048"], { cwd: this.cwd, stdio: "ignore" });
      execFileSync("openssl", ["rsa", "-in", "signing.pem", "-pubout", "-out", after("--secret-file")], { cwd: this.cwd, stdio: "ignore" });
      key = "signing.pem";
    }
    if (scheme === "sns" || words[1] !== "verify" && words[1] !== "why") return;
    const head = this.run("sign", "body.json", "--scheme", scheme, "--secret-file", key, "--to", "http://localhost:3000/hooks", ...more);
    const raw = `POST /hooks HTTP/1.1\nHost: localhost\n${head}\n${fs.readFileSync(path.join(this.cwd, "body.json"), "utf8")}`;
    this.write("headers.txt", head);
    for (const name of ["request.http", "saved.http", "monday.http", "recorded/1.http", "recorded/2.http"]) this.write(name, raw);
    const flags = head.trim().split("\n").map((line) => `-H '${line}'`).join(" ");
    this.write("command.txt", `curl http://localhost:3000/hooks ${flags} --data-binary '${fs.readFileSync(path.join(this.cwd, "body.json"), "utf8")}'`);
    const headers = head.trim().split("\n").map((line) => { const [name, ...value] = line.split(": "); return { name, value: value.join(": ") }; });
    const request = { method: "POST", url: "http://localhost:3000/hooks", headers, postData: { mimeType: "application/json", text: fs.readFileSync(path.join(this.cwd, "body.json"), "utf8") } };
    this.write("tuesday.har", JSON.stringify({ log: { version: "1.2", creator: { name: "t", version: "1" }, entries: [{ request }] } }));
    this.write("event.json", JSON.stringify({ version: "2.0", rawPath: "/hooks", rawQueryString: "", requestContext: { http: { method: "POST", path: "/hooks" } }, headers: Object.fromEntries(headers.map((h) => [h.name.toLowerCase(), h.value])), body: request.postData.text, isBase64Encoded: false }));
  }

  /** Ends what waits, the latest first: what is wrong with it. */
  async close() {
    const problems = [];
    for (const one of this.waiting.reverse()) {
      one.end("SIGINT");
      const code = await one.ended;
      if (code !== 0 && one.wrong) problems.push(one.wrong(code));
    }
    fs.rmSync(this.root, { recursive: true, force: true });
    return problems;
  }
}

/** What a program wrote into its ready file. */
async function written(file, done) {
  let over = false;
  done.ended.then(() => { over = true; });
  for (const until = Date.now() + PATIENCE; Date.now() < until && !over;) {
    if (fs.existsSync(file) && fs.statSync(file).size > 0) return fs.readFileSync(file, "utf8").trim();
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  throw new Error(`it is not ready: ${done.out()}`);
}


const waits = (words) => words[0] === "whctl" && (words[1] === "listen" && !words.includes("--exit-after") || words.includes("--follow") || words[1] === "sandbox" && !/^[a-z]/.test(words[2] ?? ""));

/** A line as it is run: ports that nobody else has, and loads that end soon. */
async function adapted(world, line, words) {
  const has = (...args) => args.some((arg) => words.includes(arg));
  let text = line.replace(/^go run \.\/cmd\/whctl/, "whctl");
  const scheme = text.match(/--scheme ([a-z.-]+)/)?.[1] ?? "baanx";
  if (/localhost:300\d|127\.0\.0\.1:300\d/.test(text)) {
    const port = (await world.handler(scheme === "auto" ? "baanx" : scheme)).split(":")[1];
    text = text.replace(/(?<=localhost:|127\.0\.0\.1:)3000/g, port);
    for (const other of text.match(/(?<=localhost:)30\d\d/g) ?? []) text = text.replace(`localhost:${other}`, `localhost:${(await world.handler(`baanx`)).split(":")[1]}/${other}`);
  }
  if (world.sandbox) text = text.replace(/127\.0\.0\.1:(4141|38211)/g, world.sandbox);
  text = text.replace("1e6wyd7tcr", world.id).replace("3f0c9a52-7d1e-4b86-9c43-5a2be81d6f70", world.webhook?.id).replace("--rate 200/s --duration 30s", "--rate 200/s --duration 1s").replace(/--duration (1m|20s|3s)/, "--duration 1s").replace("--count 1000", "--count 50");
  text = text.replace(/--addr ((?:[\d.]+:)?)\d+/, "--addr $10");
  world.admin ??= await freePort();
  text = text.replace(/9140/g, world.admin);
  if (words[2] === "rotate" && !has("--yes")) text = text.replace("whctl webhooks rotate", "whctl webhooks rotate --yes"); // nobody is there to ask
  if (words[1] === "check" && !has("--only", "--list")) text = text.replace(/(whctl check \S+)/, "$1 --only accept");
  if (waits(words) && !has("--follow")) {
    const more = `${has("--addr") ? "" : " --addr 127.0.0.1:0"} --ready-file ready`;
    text = text.replace(/(whctl (?:listen|sandbox))/, `$1${more}`);
  } else if (["listen", "expect"].includes(words[1]) && !has("--addr")) text = text.replace(/(whctl (?:listen|expect))/, "$1 --addr 127.0.0.1:0");
  return text;
}

/** Runs one line in a world: what is wrong, or "". */
async function runLine(world, line) {
  const words = commandsIn(line)[0] ?? [""];
  const set = line.match(/^export ([A-Z_]+)=([\w./-]+)$/);
  if (set) {
    world.env[set[1]] = set[2];
    return "";
  }
  world.saved(words);
  const text = await adapted(world, line, words);
  if (words[1] === "api" && words.includes("--input")) world.write(words.at(-1), JSON.stringify({ name: "renamed", url: world.webhook.url, eventTypes: ["*"] }));
  const ready = path.join(world.cwd, "ready");
  fs.rmSync(ready, { force: true });
  // What zsh has as fpath, bash takes for an empty text.
  const done = shell(text.includes("fpath") ? `fpath=("" "${world.root}/zsh"); ${text}` : text, world.cwd, world.env);
  const wrong = (code) => `exit code ${code}: ${text}\n${done.out().replaceAll(/^/gm, "    ")}`;
  if (waits(words)) {
    if (words.includes("--follow")) {
      await world.until(() => done.out() !== "");
      done.end("SIGINT");
      const code = await done.ended;
      return code === 130 ? "" : wrong(code);
    }
    await written(ready, done);
    if (words.includes("--trigger")) await world.until(() => done.out().split("→").length > 3);
    // It runs until the page ends, as the commands after it speak to it.
    world.waiting.push({ ...done, wrong });
    return "";
  }
  if (words.includes("--exit-after")) world.run("send", "card.activated", "--to", `http://${await written(ready, done)}/`, "--secret-file", "key", "--count", "3");
  const code = await done.ended;
  return code === 0 ? "" : wrong(code);
}

/** The commands in tables with a column "whctl": what a row's last cell holds in backticks. */
function cells(text) {
  const rows = text.split("\n");
  const found = [];
  for (let i = 0, inside = false; i < rows.length; i++) {
    if (/^\|.*\| whctl \|$/.test(rows[i])) inside = true;
    if (!rows[i].startsWith("|")) inside = false;
    if (inside) found.push(...[...rows[i].matchAll(/\| `(whctl [^`]*)` \|$/g)].map(([, command]) => command));
  }
  return found;
}

let ran = 0;
let left = 0;
const problems = [];
const only = process.argv.slice(2);
const pages = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], { encoding: "utf8" }).split("\n")
  .filter((f) => f && fs.existsSync(f) && !f.includes("testdata/") && !f.includes("node_modules/") && (only.length === 0 || only.includes(f)));
for (const page of pages) {
  const source = fs.readFileSync(page, "utf8");
  const found = [...blocks(source).flatMap(({ text }) => lines(text)), ...cells(source)];
  const run = found.filter((line) => !exceptions.some(([where, what]) => where.test(page) && what.test(line)) && !/^\s*#/.test(line));
  left += found.length - run.length;
  if (run.length === 0) continue;
  const world = new World(page);
  try {
    // A scheme that the page defines.
    const settings = source.match(/```yaml\n(schemes:\n {2}acme:[\s\S]*?)```/)?.[1];
    if (settings) {
      fs.mkdirSync(path.join(world.root, "config/whctl"), { recursive: true });
      fs.writeFileSync(path.join(world.root, "config/whctl/config.yaml"), settings, { mode: 0o600 });
    }
    // A project's file that is to be trusted.
    if (page.endsWith("configuration.md")) world.write(".whctl.yaml", "listen:\n  forward: localhost:3000\n");
    if (run.some((line) => line.includes("whctl"))) await world.furnish();
    for (const line of run) {
      const wrong = await runLine(world, line).catch((err) => `${line}\n${err.message}`);
      ran++;
      if (wrong) problems.push(`${page}: ${wrong}`);
    }
  } catch (err) {
    problems.push(`${page}: ${err.message}\n${err.stderr ?? ""}`);
  } finally {
    for (const wrong of await world.close()) problems.push(`${page}: ${wrong}`);
  }
}
for (const p of problems) console.error(p);
console.log(`${ran} commands of the pages run, ${left} left to others, ${problems.length} problems`);
process.exitCode = problems.length === 0 && ran > 0 ? 0 : 1;
