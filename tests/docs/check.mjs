// Reads every Markdown file of the tree. Relative links must lead to a file (and a heading, when they name one), and every
// whctl command in a code block or in backticks must exist with the flags it is given.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { blocks, commandsIn, lines } from "./shell.mjs";

const whctl = process.env.WHCTL;
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], { encoding: "utf8" })
  .split("\n")
  .filter((f) => f && existsSync(f) && !f.includes("testdata/") && !f.includes("node_modules/"));

let links = 0;
let commands = 0;
const problems = [];

const slug = (heading) =>
  heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").trim().replace(/ /g, "-");

function checkLinks(file, text) {
  const prose = text.replace(/```[\s\S]*?```/g, "");
  for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    links++;
    const [path, anchor] = target.split("#");
    const to = path ? normalize(join(dirname(file), path)) : file;
    if (!existsSync(to)) {
      problems.push(`${file}: ${target} leads nowhere`);
    } else if (anchor) {
      const headings = [...readFileSync(to, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, h]) => slug(h));
      if (!headings.includes(anchor)) problems.push(`${file}: ${to} has no heading #${anchor}`);
    }
  }
}

const help = new Map();
// helpOf gives the help of a command path, or null when there is no such command.
function helpOf(path) {
  const key = path.join(" ");
  if (!help.has(key)) {
    const r = spawnSync(whctl, [...path, "--help"], { encoding: "utf8", timeout: 20000 });
    help.set(key, r.status === 0 ? r.stdout : null);
  }
  return help.get(key);
}

// subcommands lists the names below a command, from the lines of its help that are indented by two blanks.
function subcommands(text) {
  const names = new Set();
  let inside = false;
  for (const line of text.split("\n")) {
    if (/^\S/.test(line)) inside = !/^(usage|examples|flags|also)/i.test(line);
    const m = inside && line.match(/^ {2}([a-z][a-z-]*) {2,}\S/);
    if (m) names.add(m[1]);
  }
  const also = text.match(/^also\n {2}(.*)$/m);
  return { names, also: also ? also[1].split(/,\s*/) : [] };
}

function checkCommand(file, all) {
  commands++;
  const line = all.join(" ");
  const path = [];
  let text = helpOf(path);
  let rest = all.slice(1);
  while (rest.length && text) {
    const word = rest[0];
    if (!/^[a-z][a-z-]*$/.test(word) || !subcommands(text).names.has(word)) break;
    path.push(word);
    text = helpOf(path);
    rest = rest.slice(1);
  }
  if (!text) {
    problems.push(`${file}: "${line}": whctl ${path.join(" ")} --help fails`);
    return;
  }
  const isGroup = subcommands(text).names.size > 0;
  const takesWords = new RegExp(`^ {2}whctl ${path.join(" ")}(?! COMMAND)`, "m").test(text);
  if (rest.length && isGroup && /^[a-z][a-z-]*$/.test(rest[0]) && (path.length === 0 || !takesWords)) {
    problems.push(`${file}: "${line}": no command ${rest[0]} under whctl ${path.join(" ")}`);
    return;
  }
  for (const word of rest) {
    if (word === "--") break;
    const flag = word.match(/^(--[a-z][a-z-]*|-[a-zA-Z])(=|$)/)?.[1];
    if (!flag || flag === "--help") continue;
    if (!new RegExp(`(^|[\\s,])${flag}(?![a-z-])`, "m").test(text)) {
      problems.push(`${file}: "${line}": whctl ${path.join(" ")} has no ${flag}`);
    }
  }
}

for (const file of files) {
  const text = readFileSync(file, "utf8");
  checkLinks(file, text);
  for (const block of blocks(text)) {
    for (const line of lines(block.text)) {
      for (const c of commandsIn(line)) checkCommand(file, c);
    }
  }
  const prose = text.replace(/```[\s\S]*?```/g, "");
  for (const [, code] of prose.matchAll(/`(whctl [^`]*)`/g)) {
    // A word in capitals, an ellipsis or a choice stands for something; the command before it is checked.
    const line = code.replace(/\s+/g, " ").replace(/ (\[|…|\S*\|).*$/, "").replace(/ [A-Z]{2,}.*$/, "");
    for (const c of commandsIn(line)) checkCommand(file, c);
  }
}

// docs/README.md finds every page of docs.
const index = readFileSync("docs/README.md", "utf8");
for (const file of files.filter((f) => /^docs\/.*\.md$/.test(f) && f !== "docs/README.md")) {
  if (!index.includes(`](${file.slice("docs/".length)})`)) problems.push(`docs/README.md does not lead to ${file}`);
}

for (const p of problems) console.error(p);
console.log(`${files.length} documents, ${links} links, ${commands} commands, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
