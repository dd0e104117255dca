// The program: `seedis [/path/to/redis.conf] [options] [-]`. What else the command line may ask for
// is answered here; a server is started by program.ts.
import { parseCommandLine } from "../core/config/command-line.ts";
import { USAGE, versionLine } from "./banner.ts";
import { toByteText } from "./native-text.ts";
import { Program } from "./program.ts";
import { checkSystem } from "./system-checks.ts";

const args = process.argv.slice(2).map(toByteText);
switch (parseCommandLine(args).action) {
  case "version":
    process.stdout.write(`${versionLine()}\n`);
    break;
  case "help":
    process.stderr.write(USAGE);
    process.exitCode = 1;
    break;
  case "test-memory":
    process.stderr.write("There is no memory test in this program; memtester(8) is one.\n");
    process.exitCode = 1;
    break;
  case "check-system":
    process.exitCode = checkSystem((line) => process.stdout.write(`${line}\n`)) ? 0 : 1;
    break;
  case "run":
    await new Program(args).start();
}
