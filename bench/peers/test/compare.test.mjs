// The side-by-side command says what it can be asked, and refuses what it cannot do before it starts anything.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "node:test";

const program = fileURLToPath(new URL("../compare.mjs", import.meta.url));
const compare = (...options) => spawnSync(process.execPath, [program, ...options], { encoding: "utf8" });

test("--help names the peers and the defaults", () => {
  const { status, stdout } = compare("--help");
  assert.equal(status, 0);
  for (const word of ["inboxd", "postgres-batched", "redis", "livequery", "memory", "16,1"]) assert.match(stdout, new RegExp(word));
});

test("what it cannot do is refused in one line", () => {
  for (const [options, words] of [
    [["--nosuch"], /^peers: Unknown option '--nosuch'/],
    [["--only", "mysql"], /^peers: there is no peer mysql; there are inboxd, /],
    [["--depths", "deep"], /^peers: --depths: deep are not numbers/],
    [["--bench", "/nosuch/inbox-bench"], /^peers: \/nosuch\/inbox-bench is not built/],
  ]) {
    const { status, stdout, stderr } = compare(...options);
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, words);
  }
});
