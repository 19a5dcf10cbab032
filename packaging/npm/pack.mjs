// Makes the npm packages of a release: one for each platform, with its binary, and whctl, which names them all as optional dependencies.
// Usage: node packaging/npm/pack.mjs VERSION DIST OUT
//   DIST is the folder that goreleaser filled. OUT gets a .tgz for each package, the platforms' first, in the order to publish.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [version, dist, out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node packaging/npm/pack.mjs VERSION DIST OUT");
  process.exit(2);
}
const top = new URL("../..", import.meta.url).pathname;
const systems = { linux: "linux", darwin: "darwin", windows: "win32", freebsd: "freebsd" };
const processors = { amd64: "x64", arm64: "arm64" };
const common = {
  version,
  license: "Apache-2.0",
  homepage: "https://github.com/whctl/whctl",
  repository: { type: "git", url: "git+https://github.com/whctl/whctl.git" },
};

const work = mkdtempSync(join(tmpdir(), "whctl-npm-"));
mkdirSync(out, { recursive: true });
const pack = (folder, json) => {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...json, ...common }, null, 2) + "\n");
  copyFileSync(join(top, "LICENSE"), join(folder, "LICENSE"));
  copyFileSync(join(top, ".release/THIRD_PARTY_NOTICES.txt"), join(folder, "THIRD_PARTY_NOTICES.txt"));
  execFileSync("npm", ["pack", "--silent", "--pack-destination", out, folder], { stdio: "inherit" });
};

const optionalDependencies = {};
for (const b of JSON.parse(readFileSync(join(dist, "artifacts.json"))).filter((a) => a.type === "Binary")) {
  const [os, cpu] = [systems[b.goos], processors[b.goarch]];
  const folder = join(work, `${os}-${cpu}`);
  mkdirSync(join(folder, "bin"), { recursive: true });
  const file = join(folder, "bin", b.goos === "windows" ? "whctl.exe" : "whctl");
  copyFileSync(b.path.startsWith("/") ? b.path : join(top, b.path), file);
  chmodSync(file, 0o755);
  optionalDependencies[`@whctl/${os}-${cpu}`] = version;
  pack(folder, { name: `@whctl/${os}-${cpu}`, description: `whctl for ${b.goos} on ${b.goarch}`, os: [os], cpu: [cpu], preferUnplugged: true });
}
cpSync(join(top, "packaging/npm/whctl"), join(work, "whctl"), { recursive: true });
pack(join(work, "whctl"), {
  name: "whctl",
  description: "Manage, sign, send, verify, record and rehearse webhooks",
  keywords: ["webhook", "webhooks", "hmac", "signature", "cli"],
  bin: { whctl: "bin/whctl.js" },
  engines: { node: ">=18" },
  optionalDependencies,
});
rmSync(work, { recursive: true });
