// What the server knows of the process and the machine.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { REDIS_VERSION, SEEDIS_VERSION } from "../../core/version.ts";
import { errnoText, errorText, thrownText } from "../../net/strerror.ts";
import { logo, versionLine } from "../../server/banner.ts";
import { OomScore } from "../../server/oom-score.ts";
import { clientsAllowed, clientsReduced, openFilesLimit } from "../../server/open-files.ts";
import { backlogWarning, checkSystem } from "../../server/system-checks.ts";

const onLinux = process.platform === "linux";

describe("versions", () => {
  it("are the package's and Redis's", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(SEEDIS_VERSION).toBe(version);
    expect(versionLine()).toMatch(
      new RegExp(
        `^Redis server v=${REDIS_VERSION} sha=\\w+:0 malloc=\\S+ bits=64 build=\\w+ seedis=${version}$`,
      ),
    );
  });

  it("show in the logo, with the line that tools look for", () => {
    const text = logo({ mode: "cluster", port: 7000, pid: 4242 });
    expect(text).toMatch(/ PID: 4242\n/);
    expect(text).toMatch(/ Port: 7000\n/);
    expect(text).toMatch(/ Running in cluster mode\n/);
  });
});

describe("texts of errors", () => {
  it("are the C library's", () => {
    expect(errorText("ENOENT")).toBe("No such file or directory");
    expect(errorText("EUNHEARDOF")).toBe("EUNHEARDOF");
    expect(errnoText(-13)).toBe("Permission denied");
    expect(thrownText(Object.assign(new Error("x"), { code: "EISDIR" }))).toBe("Is a directory");
    expect(thrownText(new Error("no code"))).toBe("no code");
  });
});

describe("the limit of open files", () => {
  it.runIf(onLinux)("is known", () => {
    expect(openFilesLimit()).toBeGreaterThan(0);
  });

  it("bounds the number of clients", () => {
    expect(clientsAllowed(10_000, 20_000)).toBe(10_000);
    expect(clientsAllowed(10_000, 1024)).toBe(992);
    expect(clientsAllowed(10_000, Infinity)).toBe(10_000);
  });

  it("is explained as Redis does it", () => {
    expect(clientsReduced(10_000, 1024)).toEqual([
      "You requested maxclients of 10000 requiring at least 10032 max file descriptors.",
      "Server can't set maximum open files to 10032 because of OS error: Operation not permitted.",
      "Current maximum open files is 1024. maxclients has been reduced to 992 to compensate for low ulimit. If you need higher maxclients increase 'ulimit -n'.",
    ]);
    expect(clientsReduced(10_000, 32)).toEqual([
      "Your current 'ulimit -n' of 32 is not enough for the server to start. Please increase your open file limit to at least 10032. Exiting.",
    ]);
  });
});

describe.runIf(onLinux)("the out-of-memory score", () => {
  const current = (): number => Number(readFileSync("/proc/self/oom_score_adj", "latin1"));
  const values = [10, 20, 30];

  it("follows the configuration and goes back", () => {
    const original = current();
    const score = new OomScore();
    const apply = (mode: "no" | "yes" | "absolute", more: object = {}): string | null =>
      score.apply({ oomScoreAdj: mode, oomScoreAdjValues: values, replicaof: null, ...more });
    expect(apply("no")).toBeNull();
    expect(current()).toBe(original);
    expect(apply("yes")).toBeNull();
    expect(current()).toBe(original + 10);
    expect(apply("yes", { replicaof: { host: "x", port: 1 } })).toBeNull();
    expect(current()).toBe(original + 20);
    expect(apply("absolute", { oomScoreAdjValues: [original + 5, 0, 0] })).toBeNull();
    expect(current()).toBe(original + 5);
    expect(apply("yes", { oomScoreAdjValues: [2000, 0, 0] })).toBeNull();
    expect(current()).toBe(1000);
    expect(apply("no")).toBeNull();
    expect(current()).toBe(original);
  });

  it("says why it cannot be read or written", () => {
    const settings = { oomScoreAdj: "yes", oomScoreAdjValues: values, replicaof: null } as const;
    expect(new OomScore("/proc/none").apply(settings)).toBe(
      "Unable to read oom_score_adj: No such file or directory",
    );
    expect(new OomScore("/proc/self/stat").apply(settings)).toMatch(
      /^Unable to write oom_score_adj: \w/,
    );
  });
});

describe("checks of the machine", () => {
  it("print a line each", () => {
    const lines: string[] = [];
    const passed = checkSystem((line) => lines.push(line));
    const results = lines.filter((line) => /^\[.*\]\.\.\.(OK|skipped|WARNING:)$/.test(line));
    expect(results.map((line) => line.replace(/\].*/, "]"))).toEqual([
      "[slow-clocksource]",
      "[xen-clocksource]",
      "[THP]",
    ]);
    expect(passed).toBe(!lines.some((line) => line.endsWith("WARNING:")));
  });

  it.runIf(onLinux)("warn of a backlog that the kernel cuts short", () => {
    expect(backlogWarning(1)).toBeNull();
    expect(backlogWarning(1_000_000_000)).toMatch(
      /^WARNING: The TCP backlog setting of 1000000000 cannot be enforced because \/proc\/sys\/net\/core\/somaxconn is set to the lower value of \d+\.$/,
    );
  });
});
