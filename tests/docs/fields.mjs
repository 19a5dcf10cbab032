// Holds docs/json.md against what the program prints: every field that comes must be in its table, and every field of the
// table that is not marked "if any" must come.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const whctl = process.env.WHCTL;
const home = mkdtempSync(join(tmpdir(), "whctl-fields-"));
process.on("exit", () => rmSync(home, { recursive: true, force: true }));
const env = {
  PATH: process.env.PATH,
  HOME: home,
  XDG_CONFIG_HOME: join(home, "config"),
  XDG_DATA_HOME: join(home, "data"),
  WHCTL_KEYRING: "file",
};

const problems = [];
let checked = 0;

// tables: heading → field → whether it may be left out.
const tables = new Map();
for (const section of readFileSync("docs/json.md", "utf8").split(/^#+ /m).slice(1)) {
  const heading = section.split("\n")[0].trim();
  const fields = new Map();
  for (const [, names, meaning] of section.matchAll(/^\| (`[^|]+) \| (.*) \|$/gm)) {
    const choice = names.includes(" or ");
    for (const [, name] of names.matchAll(/`([^`]+)`/g)) {
      fields.set(name, meaning.startsWith("*") || meaning.includes("*if any*") || (choice && name.startsWith("body")));
    }
  }
  tables.set(heading, fields);
}

function compare(heading, object, also = []) {
  checked++;
  const fields = tables.get(heading);
  for (const name of Object.keys(object)) {
    if (!fields.has(name) && !also.includes(name)) problems.push(`docs/json.md, ${heading}: ${name} is printed and not described`);
  }
  for (const [name, optional] of fields) {
    if (!optional && !(name in object)) problems.push(`docs/json.md, ${heading}: ${name} is described and not printed`);
  }
}

function run(...args) {
  const r = spawnSync(whctl, args, { env, encoding: "utf8", timeout: 20000 });
  return r.stdout === "" ? null : JSON.parse(r.stdout);
}

async function listen() {
  const target = createServer((q, a) => {
    q.resume();
    q.on("end", () => a.end("ok"));
  });
  await new Promise((done) => target.listen(0, "127.0.0.1", done));
  const forward = `http://127.0.0.1:${target.address().port}`;
  const args = ["listen", "--sandbox", "--trigger", "all", "--addr", "127.0.0.1:0", "--forward", `app=${forward}`, "-o", "json"];
  const child = spawn(whctl, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const watchdog = setTimeout(() => child.kill("SIGKILL"), 30000);
  let talk = "";
  child.stderr.on("data", (b) => (talk += b));
  const seen = {};
  const count = (type) => (seen[type] = (seen[type] ?? 0) + 1);
  for await (const line of createInterface({ input: child.stdout })) {
    const o = JSON.parse(line);
    count(o.type);
    compare(o.type, o, ["type", "time", "seq"]);
    if (o.type === "delivery") compare("verdict", o.verdict);
    if (o.type === "ready") {
      const now = String(Math.floor(Date.now() / 1000));
      const headers = { "X-Timestamp": now, "X-Signature": "0".repeat(64) };
      fetch(o.url, { method: "POST", headers, body: "{}" }).catch((e) => problems.push(String(e)));
    }
    if (seen.delivery >= 4 && seen.attempt >= 3 && seen.diagnosis >= 1) child.kill("SIGINT");
  }
  clearTimeout(watchdog);
  target.close();
  for (const type of ["ready", "delivery", "attempt", "diagnosis"]) {
    if (!seen[type]) problems.push(`listen -o json: no ${type} line came\n${talk}`);
  }
}

await listen();

const key = join(home, "key");
const body = join(home, "body.json");
writeFileSync(key, "a key of the tests\n", { mode: 0o600 });
writeFileSync(body, "{}");
const signed = run("sign", body, "--secret-file", key, "--format", "json");
compare("sign", signed);
const headers = Object.entries(signed.headers).flatMap(([k, v]) => ["--header", `${k}: ${v}`]);
compare("verify", run("verify", body, "--secret-file", key, "-o", "json", ...headers));

const auto = ["--scheme", "auto", "--secret-file", key, "-o", "json"];
const guessed = run("verify", body, ...auto, ...headers);
compare("verify", guessed);
if (Object.keys(guessed.guess ?? {}).join() !== "scheme,confidence,why") problems.push(`verify --scheme auto: the guess is ${JSON.stringify(guessed.guess)}`);

const refused = run("why", "--all", "--secret-file", key, "-o", "json");
compare("why", refused);
if (refused.verdict.ok || refused.recorded.ok) problems.push("why: the delivery was not refused");
compare("why", run("why", "--all", ...auto));

const list = run("journal", "list", "--all", "-o", "json");
compare("delivery", list[0], ["type", "time", "seq"]);
const shown = run("journal", "show", list[0].id, "--all", "-o", "json");
if (Object.keys(shown).join() !== "delivery,attempts,jobs,replays,next") problems.push(`journal show prints ${Object.keys(shown)}`);

const expected = run("expect", "--addr", "127.0.0.1:0", "--secret-file", key, "--within", "10ms", "-o", "json");
compare("expect", expected);
if (Object.keys(expected.expectation).join() !== "types,matches,count,withinMs,ordered,verified") problems.push(`expect prints ${Object.keys(expected.expectation)}`);

const jobs = run("queue", "list", "--all", "--state", "delivered", "-o", "json");
compare("job", jobs[0], ["type", "time", "seq"]);
const changed = run("queue", "retry", "--dead", "-o", "json");
if (!Array.isArray(changed)) problems.push(`queue retry prints ${JSON.stringify(changed)}`);

const sent = run("send", "card.activated", "--to", "127.0.0.1:1", "--secret-file", key, "--count", "2", "--rate", "50", "--fail-if", "errors>0", "-o", "json");
compare("send many", sent);
if (Object.keys(sent.causes[0]).join() !== "cause,count,error,hint") problems.push(`send --count: a cause is ${JSON.stringify(sent.causes[0])}`);

const once = run("send", "card.activated", "--to", "127.0.0.1:1", "--secret-file", key, "-o", "json");
if (once) problems.push("send without an answer prints something");
const delivery = list.find((d) => d.verdict.ok).id;
const replayed = (...more) => run("replay", delivery, "--all", "--to", "127.0.0.1:1", "--secret-file", key, "-o", "json", ...more);
compare("replay", replayed());
compare("replay", replayed("--dry-run"));
compare("replay", replayed("--as-captured"));

const unique = [...new Set(problems)];
for (const p of unique) console.error(p);
console.log(`${checked} objects held against docs/json.md, ${unique.length} problems`);
process.exit(unique.length === 0 ? 0 : 1);
