import { expect, test } from "vitest";
import {
  formatKeyspaceEvents,
  NOTIFY_ALL,
  parseKeyspaceEvents,
} from "../../../core/config/keyspace-events.ts";
import {
  NOTIFY_GENERIC,
  NOTIFY_KEY_MISS,
  NOTIFY_KEYEVENT,
  NOTIFY_KEYSPACE,
  NOTIFY_NEW,
  NOTIFY_STRING,
} from "../../../core/keyspace/events.ts";

test.each<[letters: string, flags: number | null, shown: string]>([
  ["", 0, ""],
  ["KEA", NOTIFY_KEYSPACE | NOTIFY_KEYEVENT | NOTIFY_ALL, "AKE"],
  ["E$Kg", NOTIFY_KEYSPACE | NOTIFY_KEYEVENT | NOTIFY_GENERIC | NOTIFY_STRING, "g$KE"],
  ["g$lshzxetd", NOTIFY_ALL, "A"],
  ["g$lshzxet", null, "g$lshzxet"],
  ["An", NOTIFY_ALL | NOTIFY_NEW, "A"],
  ["mnK", NOTIFY_KEY_MISS | NOTIFY_NEW | NOTIFY_KEYSPACE, "nKm"],
  ["KK", NOTIFY_KEYSPACE, "K"],
])("%j", (letters, flags, shown) => {
  const parsed = parseKeyspaceEvents(letters);
  if (flags !== null) expect(parsed).toBe(flags);
  expect(formatKeyspaceEvents(parsed!)).toBe(shown);
});

test("a letter that is none", () => {
  expect(parseKeyspaceEvents("Kx?")).toBe(null);
  expect(parseKeyspaceEvents("k")).toBe(null);
});
