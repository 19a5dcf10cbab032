// What is shell in a page: its blocks, the lines of a block, and the whctl commands of a line.

/** The blocks of a page that are shell, each with the heading that it stands under and without its indent. */
export function blocks(text) {
  return [...text.matchAll(/^( *)```(?:sh|console)\n([\s\S]*?)^\1```$/gm)].map(({ index, 1: indent, 2: body }) => ({
    heading: [...text.slice(0, index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? "",
    text: body.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

/** The commands of a block: a line each, with those that go on after a backslash put together, and what stands between if and fi whole. */
export function lines(block) {
  const found = [];
  let inside = false;
  for (const line of block.replace(/\\\n\s*/g, "").split("\n")) {
    if (inside) found[found.length - 1] += `\n${line}`;
    else if (line.trim()) found.push(line);
    if (/^if /.test(line)) inside = true;
    if (/^fi\b/.test(line)) inside = false;
  }
  return found;
}

/** The commands of a line, each as its words without quotes. Pipes, lists and redirections end a command; # begins a comment. */
export function split(line) {
  const found = [[]];
  const token = /\s*(#.*$|\$?\((?=whctl)|\d?>&\d|[|;&!)]+|[<>]+\s*(?:"[^"]*"|\S+)|(?:"(?:\\.|[^"])*"|'[^']*'|\\.|[^\s"'|;&<>)\\])+)/gmy;
  for (const [, word] of line.matchAll(token)) {
    if (/^#/.test(word) || /^\d?[<>]/.test(word)) continue;
    if (/^(\$?\(|[|;&!)]+|if|then|do)$/.test(word)) found.push([]);
    else found.at(-1).push(word.replaceAll(/"((?:\\.|[^"])*)"|'([^']*)'/g, (_, a, b) => a ?? b));
  }
  return found.filter((words) => words.length > 0);
}

/** The whctl commands of a line, as words. What stands after -- in one is a command of its own. */
export function commandsIn(line) {
  const found = [];
  for (let words of split(line)) {
    while (/^[A-Z_]+=/.test(words[0] ?? "") || ["export", "sudo", "exec"].includes(words[0])) words = words.slice(1);
    if (words[0] === "go" && words[1] === "run" && words[2] === "./cmd/whctl") words = ["whctl", ...words.slice(3)];
    if (words[0] === "whctl") found.push(words);
    for (const word of words) for (const [, inner] of word.matchAll(/\$\((whctl [^)]*)\)/g)) found.push(...commandsIn(inner));
  }
  return found;
}
