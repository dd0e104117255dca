// Predictions and replies in messages for people.
import type { Prediction } from "./model.ts";

const LENGTH_MAX = 300;

export function show(text: Prediction): string {
  if (typeof text !== "string") return "(a judged reply)";
  return JSON.stringify(text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text);
}
