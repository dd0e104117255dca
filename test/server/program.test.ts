import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFilesLimit } from "../../server/open-files.ts";
import { receive, until } from "../net/echo-server.ts";
import { RespClient } from "../support/resp-client.ts";
import { freePort } from "../support/server-process.ts";
import { Program } from "./run-program.ts";

let directory: string;
let port: number;
const programs: Program[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "seedis-program-"));
  port = await freePort();
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.kill();
  rmSync(directory, { recursive: true });
});

function run(args: readonly string[], input = "", nodeArgs: readonly string[] = []): Program {
  const program = new Program(directory, args, input, nodeArgs);
  programs.push(program);
  return program;
}

/** A server on `port` of the loopback interface that saves nothing by itself. */
function serve(...args: string[]): Promise<Program> {
  return run(["--port", String(port), "--bind", "127.0.0.1", "--save", "", ...args]).ready();
}

async function ping(target: { port: number } | { path: string }): Promise<string> {
  const socket = connect({ host: "127.0.0.1", ...target });
  socket.write("PING\r\n");
  const reply = await receive(socket, 7);
  socket.destroy();
  return reply.toString();
}

describe("the command line", () => {
  it.each(["-v", "--version"])("%s prints the version", async (arg) => {
    const program = run([arg]);
    expect(await program.exited).toBe(0);
    expect(program.stdout).toMatch(
      /^Redis server v=7\.4\.1 sha=\S+ malloc=\S+ bits=64 build=\S+ seedis=\S+\n$/,
    );
  });

  it.each(["-h", "--help"])("%s prints the usage and fails, as Redis does", async (arg) => {
    const program = run([arg]);
    expect(await program.exited).toBe(1);
    expect(program.stderr).toMatch(
      /^Usage: seedis \[\/path\/to\/redis\.conf\] \[options\] \[-\]\n/,
    );
  });

  it("--test-memory says what to use instead", async () => {
    const program = run(["--test-memory", "100"]);
    expect(await program.exited).toBe(1);
    expect(program.stderr).toContain("memtester");
  });

  it("--check-system prints its findings", async () => {
    const program = run(["--check-system"]);
    expect([0, 1]).toContain(await program.exited);
    expect(program.stdout).toMatch(/^\[slow-clocksource\]\.\.\./);
  });

  it.each([
    [["--port"], "port", "wrong number of arguments"],
    [["--port", "6379", "6380"], 'port "6379" "6380"', "wrong number of arguments"],
    [["--port", "--bla"], 'port "--bla"', "argument couldn't be parsed into an integer"],
    [["--none", "x"], 'none "x"', "Bad directive or wrong number of arguments"],
  ])("refuses %j", async (args, line, reason) => {
    const program = run(args);
    expect(await program.exited).toBe(1);
    expect(program.stderr).toBe(
      "\n*** FATAL CONFIG FILE ERROR (Redis 7.4.1) ***\n" +
        `Reading the configuration file, at line 2\n>>> '${line}'\n${reason}\n`,
    );
  });
});

describe("the configuration", () => {
  it("comes from a file, which may include others, and from the command line", async () => {
    mkdirSync(join(directory, "conf.d"));
    writeFileSync(join(directory, "conf.d/a.conf"), `port 1\nbind 127.0.0.1\n`);
    writeFileSync(join(directory, "redis.conf"), 'include conf.d/*.conf\nsave ""\n');
    await run(["redis.conf", "--port", String(port)]).ready();
    expect(await ping({ port })).toBe("+PONG\r\n");
  });

  it("comes from standard input", async () => {
    const program = run(["-"], `port ${port}\nbind 127.0.0.1\nsave ""`);
    await program.ready();
    expect(await ping({ port })).toBe("+PONG\r\n");
    expect(program.logLines()[0]).toBe("C * Reading config from stdin");
  });

  it("says which file is missing", async () => {
    const program = run(["none.conf"]);
    expect(await program.exited).toBe(1);
    expect(program.logLines()).toEqual([
      `C # Fatal error, can't open config file '${directory}/none.conf': No such file or directory`,
    ]);
  });

  it("says which line of the file is wrong", async () => {
    writeFileSync(join(directory, "redis.conf"), "# comment\n\nport 1\nbind 127.0.0.1\nhz many\n");
    const program = run(["redis.conf"]);
    expect(await program.exited).toBe(1);
    expect(program.stderr).toContain(
      "at line 5\n>>> 'hz many'\nargument couldn't be parsed into an integer\n",
    );
  });

  it("sets the working directory, in which relative names are meant", async () => {
    mkdirSync(join(directory, "data"));
    writeFileSync(
      join(directory, "redis.conf"),
      "dir data\nlogfile seedis.log\npidfile seedis.pid\n",
    );
    const program = run(["redis.conf", "--port", String(port), "--bind", "127.0.0.1"]);
    const log = join(directory, "data/seedis.log");
    await until(() => existsSync(log) && readFileSync(log, "latin1").includes("Ready to accept"));
    expect(program.stdout).toBe("");
    expect(readFileSync(join(directory, "data/seedis.pid"), "latin1")).toBe(`${program.pid}\n`);
  });
});

describe("the working directory", () => {
  it("is shown by its real name, and can be changed", async () => {
    mkdirSync(join(directory, "data/deep"), { recursive: true });
    symlinkSync("data", join(directory, "link"));
    await serve("--dir", "link", "--enable-protected-configs", "yes");
    const client = await RespClient.open({ port });
    const ask = async (...args: string[]): Promise<string> => (await client.command(...args)).raw;
    const folder = `${realpathSync(directory)}/data`;
    expect(await ask("CONFIG", "GET", "dir")).toContain(`\r\n${folder}\r\n`);
    expect(await ask("CONFIG", "SET", "dir", "none")).toBe(
      "-ERR CONFIG SET failed (possibly related to argument 'dir') - No such file or directory\r\n",
    );
    expect(await ask("CONFIG", "SET", "dir", "./deep")).toBe("+OK\r\n");
    expect(await ask("CONFIG", "GET", "dir")).toContain(`\r\n${folder}/deep\r\n`);
    client.close();
  });
});

describe("the log", () => {
  it("has the lines of a start and an end in Redis's order", async () => {
    const program = await serve("--unixsocket", "seedis.sock");
    await program.waitFor(/connections unix/);
    program.child.kill("SIGTERM");
    expect(await program.exited).toBe(0);
    const lines = program.logLines().filter((line) => !/WARNING/.test(line));
    expect(lines.slice(0, 8)).toEqual([
      "C * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
      "C * Redis version=7.4.1, bits=64, commit=00000000, modified=0, pid=PID, just started",
      "C * Configuration loaded",
      "M * monotonic clock: POSIX clock_gettime",
      `M * Running mode=standalone, port=${port}.`,
      "M * Server initialized",
      "M * Ready to accept connections tcp",
      "M * Ready to accept connections unix",
    ]);
    expect(lines.at(-1)).toMatch(/ is now ready to exit, bye bye\.\.\.$/);
  });

  it("shows the logo when it is asked for", async () => {
    const program = await serve("--always-show-logo", "yes");
    expect(program.stdout).toMatch(new RegExp(` PID: ${program.pid}[^]*Server initialized`));
  });

  it("goes on in a new file after a rotation", async () => {
    const program = run([
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--logfile",
      "a.log",
      "--loglevel",
      "verbose",
    ]);
    const log = join(directory, "a.log");
    await until(() => existsSync(log) && readFileSync(log, "latin1").includes("Ready to accept"));
    renameSync(log, join(directory, "b.log"));
    await ping({ port });
    await until(() => existsSync(log));
    expect(readFileSync(log, "latin1")).toContain("Accepted 127.0.0.1:");
    await program.kill();
  });

  it("is JSON when asked for", async () => {
    const program = await serve("--log-format", "json");
    const lines = program.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ msg }) => msg)).toContain("Server initialized");
    expect(lines.every(({ pid }) => pid === program.pid)).toBe(true);
  });

  it("warns of a backlog and a memory limit that make no sense", async () => {
    const program = await serve("--tcp-backlog", "100000000", "--maxmemory", "1000");
    await program.waitFor(/is set to the lower value of \d+\./);
    await program.waitFor(/maxmemory value that is less than 1MB \(current value is 1000 bytes\)/);
  });
});

describe("listening", () => {
  it("exits when the port is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    const program = run(["--port", String(port), "--bind", "127.0.0.1", "--pidfile", "a.pid"]);
    expect(await program.exited).toBe(1);
    expect(program.logLines().slice(-2)).toEqual([
      `M # Warning: Could not create server TCP listening socket 127.0.0.1:${port}: bind: Address already in use`,
      `M # Failed listening on port ${port} (tcp), aborting.`,
    ]);
    expect(existsSync(join(directory, "a.pid"))).toBe(false);
    other.close();
  });

  it("exits when there is nothing to listen on", async () => {
    const program = run(["--port", "0"]);
    expect(await program.exited).toBe(1);
    expect(program.logLines().at(-1)).toBe("M # Configured to not listen anywhere, exiting.");
  });

  it("exits when the unix socket cannot be made", async () => {
    const program = run(["--port", "0", "--unixsocket", "none/x"]);
    expect(await program.exited).toBe(1);
    expect(program.logLines().at(-1)).toBe(
      "M # Failed opening Unix socket: bind: No such file or directory",
    );
  });

  it("exits when TLS is asked for", async () => {
    const program = run(["--port", "0", "--tls-port", String(port)]);
    expect(await program.exited).toBe(1);
    expect(program.logLines().at(-1)).toBe("M # Failed finding TLS support.");
  });

  it("serves on a unix socket alone, with its permissions", async () => {
    const path = join(directory, "seedis.sock");
    const args = ["--port", "0", "--unixsocket", path, "--unixsocketperm", "700"];
    const program = await run(args).ready();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(await ping({ path })).toBe("+PONG\r\n");
    program.child.kill("SIGTERM");
    expect(await program.exited).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it("keeps ten thousand idle connections cheaply, or as many as files may be open", async () => {
    const count = Math.min(10_000, openFilesLimit() - 200);
    const program = await serve("--maxclients", String(count));
    const memoryBytes = (): number =>
      1024 *
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.pid}/status`, "latin1"))![1]);
    const beforeBytes = memoryBytes();
    const sockets: Socket[] = [];
    while (sockets.length < count) {
      const batch = Array.from({ length: Math.min(200, count - sockets.length) }, () =>
        connect(port, "127.0.0.1"),
      );
      await Promise.all(batch.map((socket) => new Promise((done) => socket.once("connect", done))));
      sockets.push(...batch);
    }
    const answers = sockets.map((socket) => new Promise((done) => socket.once("data", done)));
    for (const socket of sockets) socket.write("PING\r\n");
    const texts = new Set((await Promise.all(answers)).map(String));
    expect([...texts]).toEqual(["+PONG\r\n"]);
    expect((memoryBytes() - beforeBytes) / count).toBeLessThan(20 * 1024);
    const refused = connect(port, "127.0.0.1");
    const refusal = await new Promise((done) => refused.once("data", done));
    expect(String(refusal)).toBe("-ERR max number of clients reached\r\n");
    for (const socket of [...sockets, refused]) socket.destroy();
  });
});

describe("the process", () => {
  it("writes its number into the pid file, and removes it at the end", async () => {
    const program = await serve("--pidfile", "seedis.pid");
    const path = join(directory, "seedis.pid");
    expect(readFileSync(path, "latin1")).toBe(`${program.pid}\n`);
    program.child.kill("SIGINT");
    expect(await program.exited).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it("goes on without a pid file that cannot be written", async () => {
    const program = await serve("--pidfile", join(directory, "none/x"));
    expect(program.logLines()).toContain("M # Failed to write PID file: No such file or directory");
    expect(await ping({ port })).toBe("+PONG\r\n");
  });

  it.each(["SIGHUP", "SIGPIPE", "SIGUSR1"] as const)("ignores %s", async (signal) => {
    const program = await serve();
    program.child.kill(signal);
    expect(await ping({ port })).toBe("+PONG\r\n");
    expect(program.stderr).toBe("");
  });

  it.runIf(process.platform === "linux")("has a title that says where it listens", async () => {
    const program = await serve();
    const title = readFileSync(`/proc/${program.pid}/cmdline`, "latin1").replace(/\0.*/s, "");
    expect(title).toBe(`seedis 127.0.0.1:${port}`);
  });

  it.runIf(process.platform === "linux")("adjusts its out-of-memory score", async () => {
    const args = ["--oom-score-adj", "absolute", "--oom-score-adj-values", "111 222 333"];
    const program = await serve(...args);
    const path = `/proc/${program.pid}/oom_score_adj`;
    await until(() => readFileSync(path, "latin1") === "111\n");
    expect(await ping({ port })).toBe("+PONG\r\n");
  });

  it("goes into the background, with the configuration it was given", async () => {
    const program = run(
      ["--daemonize", "yes", "--dir", directory, "-"],
      `port ${port}\nbind 127.0.0.1\npidfile seedis.pid\nlogfile seedis.log\n`,
    );
    expect(await program.exited).toBe(0);
    const pidFile = join(directory, "seedis.pid");
    await until(() => existsSync(pidFile) && readFileSync(pidFile, "latin1") !== "");
    const pid = Number(readFileSync(pidFile, "latin1"));
    expect(pid).not.toBe(program.pid);
    expect(await ping({ port })).toBe("+PONG\r\n");
    process.kill(pid, "SIGTERM");
    await until(() => !existsSync(pidFile));
    const log = readFileSync(join(directory, "seedis.log"), "latin1");
    expect(log).toContain(`${pid}:M `);
    expect(log).toContain("Ready to accept connections tcp");
  });

  it("shows mistakes in the foreground before it goes into the background", async () => {
    const program = run(["--daemonize", "yes", "--hz", "many"]);
    expect(await program.exited).toBe(1);
    expect(program.stderr).toContain("argument couldn't be parsed into an integer");
  });

  it("reports a crash and ends", async () => {
    const crash =
      "data:text/javascript,setInterval(() => { if (process.listenerCount('uncaughtException') > 0 " +
      "&& process.title.includes(':')) throw new Error('planted') }, 5)";
    const program = run(["--port", String(port), "--bind", "127.0.0.1", "--pidfile", "a.pid"], "", [
      "--import",
      crash,
    ]);
    expect(await program.exited).toBe(1);
    const lines = program.logLines();
    const start = lines.findIndex((line) => line.includes("REDIS BUG REPORT START"));
    expect(lines.slice(start, start + 3)).toEqual([
      "M # === REDIS BUG REPORT START: Cut & paste starting from here ===",
      expect.stringMatching(/^M # Redis 7\.4\.1 \(Seedis \S+\) crashed by an exception$/),
      "M # Error: planted",
    ]);
    expect(lines.at(-1)).toBe(
      "M # === REDIS BUG REPORT END. Make sure to include from START to END. ===",
    );
    expect(existsSync(join(directory, "a.pid"))).toBe(false);
  });

  it("refuses to be a Sentinel", async () => {
    const program = run(["--port", String(port), "--sentinel"]);
    expect(await program.exited).toBe(1);
    expect(program.logLines()).toEqual([
      "X # Sentinel mode is not available in this version, exiting.",
    ]);
  });

  it("says that systemd will not hear from it", async () => {
    const program = await serve("--supervised", "systemd");
    expect(program.stdout).toContain("Seedis has no libsystemd support!");
    expect(await ping({ port })).toBe("+PONG\r\n");
  });
});
