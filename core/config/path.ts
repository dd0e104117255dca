// File names as text, without a file system.
import { trimLine } from "./quoting.ts";

/** The absolute path that `path` means in `directory` (itself absolute), without "." and "..". */
export function resolvePath(directory: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${directory}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/**
 * The absolute name of the configuration file, spelled the way Redis spells it: only "../" at the
 * front is worked out.
 */
export function configFilePath(directory: string, file: string): string {
  let path = trimLine(file);
  if (path.startsWith("/")) return path;
  let parent = directory;
  while (path.startsWith("../")) {
    path = path.slice(3);
    parent = parent.slice(0, Math.max(parent.lastIndexOf("/"), 0));
  }
  return parent.endsWith("/") ? parent + path : `${parent}/${path}`;
}
