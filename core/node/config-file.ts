// CONFIG REWRITE: the configuration file is read, rewritten in memory (config/rewrite.ts) and replaced.
// Reading and writing take their time; everybody but the caller goes on meanwhile.
import { latin1, toBytes } from "../util/bytes.ts";
import { sha256Hex } from "../util/sha256.ts";
import type { Node } from "./node.ts";

/** The host's words for a file that is not there. */
const NO_SUCH_FILE = "No such file or directory";

/** `error`: null when the file is rewritten, else why it is not. */
export type RewriteDone = (error: string | null) => void;

/** Rewrites `config.configFile`. `forceAll`: directives at their defaults are written, too. */
export function rewriteConfigFile(node: Node, forceAll: boolean, done: RewriteDone): void {
  const { config, files } = node;
  const path = config.configFile;
  const finish = (error: string | null): void => {
    if (error === null) node.log("notice", "CONFIG REWRITE executed with success.");
    else node.log("warning", `CONFIG REWRITE failed: ${error}`);
    done(error);
  };
  files.read(path, (bytes, error) => {
    // A file that has been removed is made again.
    if (bytes === null && error !== NO_SUCH_FILE) return finish(error);
    const oldText = bytes === null ? "" : latin1(bytes);
    const text = config.rewrite(oldText, { users: [defaultUser(node)], forceAll });
    files.write(path, toBytes(text), finish);
  });
}

/** The default user as a `user` line of the file. */
function defaultUser(node: Node): string {
  const { requirepass } = node.config.values;
  const password =
    requirepass === ""
      ? "nopass sanitize-payload"
      : `sanitize-payload #${sha256Hex(toBytes(requirepass))}`;
  return `default on ${password} ~* &* +@all`;
}
