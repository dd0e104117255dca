// The form of INFO: sections of lines `name:value`, and how values are written.

/** A line of INFO. */
export type Field = readonly [name: string, value: string | number];

/** A section: its title and its lines, each ended by CRLF. */
export function sectionText(title: string, fields: Iterable<Field>): string {
  let text = `# ${title}\r\n`;
  for (const [name, value] of fields) text += `${name}:${value}\r\n`;
  return text;
}

const UNITS = ["K", "M", "G", "T", "P"];

/** Bytes for people: "512B", "1.50K", "3.00G". */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(2)}${UNITS[unit]}`;
}

/** Seconds with six digits behind the point. */
export function microPrecise(seconds: number): string {
  return seconds.toFixed(6);
}

/** A ratio or rate with two digits behind the point. */
export function hundredths(value: number): string {
  return value.toFixed(2);
}
