// The same seeds in fresh processes under other circumstances must give the same hashes.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../dist/sim.js", import.meta.url));
const args = [program, "--seeds", "20", "--from", "7"];
const variants = [
  { flags: [], env: {} },
  { flags: [], env: {}, more: ["--threads", "1"] },
  { flags: [], env: { TZ: "Asia/Kathmandu", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" } },
  { flags: ["--hash-seed=12345"], env: { TZ: "America/St_Johns" } },
  { flags: ["--no-opt"], env: {} },
  { flags: ["--max-lazy", "--stack-size=2000"], env: { LANG: "C" } },
];

const outputs = variants.map(({ flags, env, more = [] }) =>
  execFileSync(process.execPath, [...flags, ...args, ...more], {
    cwd: "/",
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
  })
    .split("\n")
    .filter((line) => /^\d+ [0-9a-f]{16} /.test(line))
    .join("\n"),
);

for (const [index, output] of outputs.entries()) {
  if (output === "" || output !== outputs[0]) {
    console.error(
      `hashes differ with ${JSON.stringify(variants[index])}:\n${outputs[0]}\n---\n${output}`,
    );
    process.exit(1);
  }
}
console.log(
  `${outputs[0].split("\n").length} seeds, the same hash in ${variants.length} environments`,
);
