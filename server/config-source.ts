// Where a configuration comes from at start: files, standard input and the working directory.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { resolve } from "node:path";
import type { ConfigFile, ConfigSource } from "../core/config/load.ts";
import { globMatchText } from "../core/util/glob.ts";
import { thrownText } from "../net/strerror.ts";
import { waitMs } from "./logger.ts";
import { toByteText, toNativeText } from "./native-text.ts";

const STANDARD_INPUT = 0;
const READ_BYTES = 64 * 1024;

export interface ConfigSourceOptions {
  readonly log: (level: "notice" | "warning", message: string) => void;
  readonly isCommand: (name: string) => boolean;
}

export function configSource({ log, isCommand }: ConfigSourceOptions): ConfigSource {
  return {
    readFiles,
    readStandardInput: () => {
      log("notice", "Reading config from stdin");
      return readStandardInput();
    },
    enterDirectory,
    tryLogFile: (path) => attempt(() => closeSync(openSync(toNativeText(path), "a"))),
    isCommand,
    warn: (message) => log("warning", message),
  };
}

/** Changes the working directory; null, or why that is impossible. */
export function enterDirectory(path: string): string | null {
  return attempt(() => process.chdir(toNativeText(path)));
}

function attempt(action: () => unknown): string | null {
  try {
    action();
    return null;
  } catch (error) {
    return thrownText(error);
  }
}

/** The files that a name or a glob pattern means. */
function readFiles(pattern: string, directory: string): ConfigFile[] {
  const paths = /[*?[]/.test(pattern) ? expandGlob(pattern, directory) : [pattern];
  return paths.map((path) => {
    try {
      return { path, text: readFileSync(absolute(directory, path), "latin1") };
    } catch (error) {
      return { path, error: thrownText(error) };
    }
  });
}

/** Existing paths that match, sorted; `*` does not match a leading dot, as in a shell. */
function expandGlob(pattern: string, directory: string): string[] {
  let paths = [pattern.startsWith("/") ? "/" : ""];
  for (const part of pattern.split("/").filter((part) => part !== "")) {
    paths = paths.flatMap((folder) =>
      entriesOf(absolute(directory, folder || "."))
        .filter((name) => name.startsWith(".") === part.startsWith("."))
        .filter((name) => globMatchText(part, name, false))
        .map((name) => (folder === "" || folder === "/" ? folder + name : `${folder}/${name}`)),
    );
  }
  return paths.sort();
}

function entriesOf(folder: string): string[] {
  try {
    return [".", "..", ...readdirSync(folder).map(toByteText)];
  } catch {
    return [];
  }
}

function absolute(directory: string, path: string): string {
  return resolve(toNativeText(directory), toNativeText(path));
}

function readStandardInput(): string {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  let text = "";
  for (;;) {
    try {
      const count = readSync(STANDARD_INPUT, buffer);
      if (count === 0) return text;
      text += buffer.toString("latin1", 0, count);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Whoever shares the terminal or the pipe may have made it non-blocking.
      if (code !== "EAGAIN") return text;
      waitMs(1);
    }
  }
}
