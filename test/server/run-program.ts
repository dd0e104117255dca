// Runs `bin/seedis` with any command line, in a folder of its own, and keeps what it prints.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../bin/seedis", import.meta.url));
const PATIENCE_MS = 20_000;

export class Program {
  readonly child: ChildProcess;
  /** Exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  stdout = "";
  stderr = "";
  #ended = false;

  /** `nodeArgs` are Node's own, such as a module to load first. */
  constructor(
    directory: string,
    args: readonly string[],
    input: string,
    nodeArgs: readonly string[],
  ) {
    this.child = spawn(process.execPath, [...nodeArgs, PROGRAM, ...args], { cwd: directory });
    this.child.stdin!.on("error", () => {});
    this.child.stdin!.end(input);
    this.child.stdout!.on("data", (chunk) => {
      this.stdout += chunk.toString("latin1");
    });
    this.child.stderr!.on("data", (chunk) => {
      this.stderr += chunk.toString("latin1");
    });
    this.exited = new Promise((resolve) => {
      this.child.once("close", (code, signal) => {
        this.#ended = true;
        resolve(code ?? signal!);
      });
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Waits until standard output matches. Throws when the program ends or is too slow. */
  async waitFor(pattern: RegExp): Promise<void> {
    const endMs = Date.now() + PATIENCE_MS;
    while (!pattern.test(this.stdout)) {
      if (this.#ended || Date.now() > endMs) {
        throw new Error(`${pattern} did not come:\n${this.stdout}${this.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async ready(): Promise<this> {
    await this.waitFor(/Ready to accept connections/);
    return this;
  }

  /** The log without its changing parts: role, level mark and message of each line. */
  logLines(): string[] {
    return this.stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) =>
        line
          .replaceAll(String(this.pid), "PID")
          .replace(/^PID:(.) \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} /, "$1 "),
      );
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }
}
