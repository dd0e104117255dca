// Names that clients can choose, inside the lines of INFO.

/** The text with the characters that structure INFO's lines replaced by underscores. */
export function safeInfoText(text: string): string {
  return text.replace(/[#:\r\n]/g, "_");
}
