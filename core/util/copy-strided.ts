// Copying many short texts of one length from places at one distance to places at another.
import { copyWords } from "./copy.ts";

/** Fewer texts than this are copied one after the other. */
const COLUMNS_COUNT_MIN = 4;

/**
 * Copies `count` texts of `width` bytes each, which begin a stride from one another; a stride of the
 * source may be 0. Column by column, 16 or 4 bytes wide, the last one perhaps over a part of the one
 * before: that takes a fifth of the time that byte by byte does.
 */
export function copyStrided(
  target: DataView,
  to: number,
  toStride: number,
  source: DataView,
  from: number,
  fromStride: number,
  width: number,
  count: number,
): void {
  if (count < COLUMNS_COUNT_MIN && width >= 4) {
    for (let k = 0; k < count; k++) {
      copyWords(target, to + k * toStride, source, from + k * fromStride, width);
    }
    return;
  }
  let i = 0;
  for (; i + 16 <= width; i += 16) {
    copyColumn16(target, to + i, toStride, source, from + i, fromStride, count);
  }
  if (width < 4) {
    for (; i < width; i++)
      copyColumn1(target, to + i, toStride, source, from + i, fromStride, count);
  } else {
    for (; i < width; i += 4) {
      const column = Math.min(i, width - 4);
      copyColumn4(target, to + column, toStride, source, from + column, fromStride, count);
    }
  }
}

function copyColumn16(
  target: DataView,
  to: number,
  toStride: number,
  source: DataView,
  from: number,
  fromStride: number,
  count: number,
): void {
  let t = to;
  let f = from;
  for (let left = count; left > 0; left--) {
    const first = source.getInt32(f, true);
    const second = source.getInt32(f + 4, true);
    const third = source.getInt32(f + 8, true);
    const fourth = source.getInt32(f + 12, true);
    target.setInt32(t, first, true);
    target.setInt32(t + 4, second, true);
    target.setInt32(t + 8, third, true);
    target.setInt32(t + 12, fourth, true);
    t += toStride;
    f += fromStride;
  }
}

function copyColumn4(
  target: DataView,
  to: number,
  toStride: number,
  source: DataView,
  from: number,
  fromStride: number,
  count: number,
): void {
  let t = to;
  let f = from;
  for (let left = count; left > 0; left--) {
    target.setInt32(t, source.getInt32(f, true), true);
    t += toStride;
    f += fromStride;
  }
}

function copyColumn1(
  target: DataView,
  to: number,
  toStride: number,
  source: DataView,
  from: number,
  fromStride: number,
  count: number,
): void {
  let t = to;
  let f = from;
  for (let left = count; left > 0; left--) {
    target.setUint8(t, source.getUint8(f));
    t += toStride;
    f += fromStride;
  }
}
