import { expect, test } from "vitest";
import { Config } from "../../../core/config/config.ts";
import { procTitle } from "../../../core/config/proc-title.ts";

function title(template: string, text = "", sentinel = false): string | null {
  const config = new Config({ sentinel });
  expect(config.loadText(text)).toBe(null);
  return procTitle(template, config.values, { title: "seedis", sentinel, configFile: "/a.conf" });
}

test.each<[template: string, shown: string | null, text?: string]>([
  ["{title} {listen-addr} {server-mode}", "seedis *:6379"],
  ["{title} {listen-addr} {server-mode}", "seedis *:6379 [cluster]", "cluster-enabled yes"],
  ["{listen-addr}", "127.0.0.1:7000", "bind 127.0.0.1 ::1\nport 7000"],
  ["{listen-addr}", "*:7001", "port 0\ntls-port 7001"],
  ["{listen-addr}", "unixsocket:/s", "port 0\nunixsocket /s"],
  ["{port} {tls-port} {unixsocket} {config-file}", "6379 0  /a.conf"],
  ["  {{x} {title}  ", "{x} seedis"],
  ["{nope}", null],
  ["{title", null],
  ["a {", null],
])("%j", (template, shown, text) => {
  expect(title(template, text)).toBe(shown);
});

test("in Sentinel mode", () => {
  expect(title("{listen-addr} {server-mode}", "", true)).toBe("*:26379 [sentinel]");
});
