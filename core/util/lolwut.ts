// The pictures of LOLWUT: version 5 is Georg Nees' "Schotter" in Braille dots, version 6 a skyline
// of grey blocks. Same structure and limits as Redis's; the chances come from the node's generator,
// so the pictures differ, but a seed gives the same one everywhere (which is why sine and cosine
// are summed up here: Math's may differ between engines in the last bit).
//
// Texts are strings of one character per byte, UTF-8 where it is not ASCII.
import type { Prng } from "./prng.ts";

const HALF_PI = Math.PI / 2;

/** A picture of pixels, each a small number; what lies outside is not drawn and reads as 0. */
class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #pixels: Uint8Array;

  constructor(width: number, height: number, background: number) {
    this.width = width;
    this.height = height;
    this.#pixels = new Uint8Array(width * height).fill(background);
  }

  get(x: number, y: number): number {
    if (x < 0 || x >= this.width || y < 0 || y >= this.height) return 0;
    return this.#pixels[x + y * this.width];
  }

  set(x: number, y: number, color: number): void {
    if (x < 0 || x >= this.width || y < 0 || y >= this.height) return;
    this.#pixels[x + y * this.width] = color;
  }

  /** Bresenham's line in color 1. */
  line(fromX: number, fromY: number, toX: number, toY: number): void {
    const width = Math.abs(toX - fromX);
    const height = Math.abs(toY - fromY);
    const stepX = fromX < toX ? 1 : -1;
    const stepY = fromY < toY ? 1 : -1;
    let error = width - height;
    let x = fromX;
    let y = fromY;
    for (;;) {
      this.set(x, y, 1);
      if (x === toX && y === toY) return;
      const doubled = error * 2;
      if (doubled > -height) {
        error -= height;
        x += stepX;
      }
      if (doubled < width) {
        error += width;
        y += stepY;
      }
    }
  }
}

/** LOLWUT VERSION 5 [columns] [squares per row] [squares per column], 66 8 12 by default. */
export function lolwutSchotter(
  prng: Prng,
  columns: number,
  squaresPerRow: number,
  squaresPerColumn: number,
  version: string,
): string {
  const canvas = drawSchotter(
    prng,
    clamp(columns, 1000),
    clamp(squaresPerRow, 200),
    clamp(squaresPerColumn, 200),
  );
  const credit = "Georg Nees - schotter, plotter on paper, 1968.";
  return `${inBraille(canvas)}\n${credit} Redis ver. ${version}\n`;
}

/** LOLWUT VERSION 6 [columns] [rows], 80 20 by default. */
export function lolwutSkyline(prng: Prng, columns: number, rows: number, version: string): string {
  const canvas = new Canvas(clamp(columns, 1000), clamp(rows, 1000), 3);
  drawSkyline(prng, canvas);
  return `${inGreys(canvas)}
Dedicated to the 8 bit game developers of past and present.
Original 8 bit image from Plaguemon by hikikomori. Redis ver. ${version}\n`;
}

/** LOLWUT of any other version. */
export function lolwutPlain(version: string): string {
  return `Redis ver. ${version}\n`;
}

function clamp(value: number, max: number): number {
  return Math.max(1, Math.min(value, max));
}

/** Squares in rows; from the third row on they are turned and moved, the more the lower. */
function drawSchotter(
  prng: Prng,
  columns: number,
  squaresPerRow: number,
  squaresPerColumn: number,
): Canvas {
  const width = columns * 2;
  const padding = width > 4 ? 2 : 0;
  const side = Math.fround((width - padding * 2) / squaresPerRow);
  const height = Math.trunc(Math.fround(Math.fround(side * squaresPerColumn) + padding * 2));
  const canvas = new Canvas(width, height, 0);
  const half = Math.fround(side / 2);
  const centre = (index: number): number =>
    Math.trunc(Math.fround(Math.fround(Math.fround(index * side) + half) + padding));
  const disorder = (y: number): number => {
    const amount = (prng.double() * y) / squaresPerColumn;
    return prng.below(2) === 0 ? amount : -amount;
  };
  for (let y = 0; y < squaresPerColumn; y++) {
    for (let x = 0; x < squaresPerRow; x++) {
      const angle = y > 1 ? disorder(y) : 0;
      const right = y > 1 ? Math.trunc((disorder(y) * side) / 3) : 0;
      const down = y > 1 ? Math.trunc((disorder(y) * side) / 3) : 0;
      drawSquare(canvas, centre(x) + right, centre(y) + down, side, angle);
    }
  }
  return canvas;
}

/** A square around (x, y), turned by `angle`, which lies in -1..1. */
function drawSquare(canvas: Canvas, x: number, y: number, side: number, angle: number): void {
  // From the centre to a corner, as Redis rounds it.
  const radius = Math.round(side / Math.SQRT2);
  const start = HALF_PI / 2 + angle;
  const sine = sineOf(start) * radius;
  const cosine = sineOf(HALF_PI - start) * radius;
  // Each corner is the one before, turned by a right angle.
  const cornersX = [sine, cosine, -sine, -cosine].map((offset) => Math.round(offset + x));
  const cornersY = [cosine, -sine, -cosine, sine].map((offset) => Math.round(offset + y));
  for (let i = 0; i < 4; i++) {
    const next = (i + 1) % 4;
    canvas.line(cornersX[i], cornersY[i], cornersX[next], cornersY[next]);
  }
}

/** Taylor's series, good to 10^-9 for -2..2. */
function sineOf(angle: number): number {
  let term = angle;
  let sum = angle;
  for (let n = 2; n <= 20; n += 2) {
    term = (-term * angle * angle) / (n * (n + 1));
    sum += term;
  }
  return sum;
}

/** 2 × 4 pixels a character. */
function inBraille(canvas: Canvas): string {
  let text = "";
  for (let y = 0; y < canvas.height; y += 4) {
    for (let x = 0; x < canvas.width; x += 2) {
      let dots = 0;
      for (let row = 0; row < 3; row++) {
        if (canvas.get(x, y + row) !== 0) dots |= 1 << row;
        if (canvas.get(x + 1, y + row) !== 0) dots |= 8 << row;
      }
      if (canvas.get(x, y + 3) !== 0) dots |= 64;
      if (canvas.get(x + 1, y + 3) !== 0) dots |= 128;
      // U+2800 and the dots, in UTF-8.
      text += String.fromCharCode(0xe2, 0xa0 | (dots >> 6), 0x80 | (dots & 0x3f));
    }
    if (y !== canvas.height - 1) text += "\n";
  }
  return text;
}

/** Two layers of plain towers behind one of towers with windows. */
function drawSkyline(prng: Prng, canvas: Canvas): void {
  const { width, height } = canvas;
  const halfHeight = Math.floor(height / 2);
  for (let color = 2; color >= 1; color--) {
    for (let x = -10; x < width; ) {
      x += prng.below(8);
      const towerWidth = 10 + prng.below(9);
      const extra = Math.floor(prng.below(height) / (color === 2 ? 2 : 3));
      drawTower(prng, canvas, x, towerWidth, halfHeight + extra, color, false);
      x += color === 2 ? Math.floor(towerWidth / 2) : towerWidth + 1;
    }
  }
  for (let x = -10; x < width; ) {
    x += prng.below(8);
    let towerWidth = 5 + prng.below(14);
    if (towerWidth % 4 !== 0) towerWidth += towerWidth % 3;
    const towerHeight = Math.floor(height / 3) + Math.floor(prng.below(height) / 2);
    drawTower(prng, canvas, x, towerWidth, towerHeight, 0, true);
    x += towerWidth + 5;
  }
}

function drawTower(
  prng: Prng,
  canvas: Canvas,
  left: number,
  width: number,
  height: number,
  color: number,
  hasWindows: boolean,
): void {
  const bottom = canvas.height - 1;
  const top = bottom - height + 1;
  const right = left + width;
  for (let y = bottom; y >= top; y--) {
    // The roof is two pixels narrower at each side.
    const inset = y === top ? 2 : 0;
    for (let x = left + inset; x < right - inset; x++) {
      const isInside = x > left + 1 && x < right - 2 && y > top + 1 && y < bottom - 1;
      // Windows are two pixels wide and one high, both of them lit alike.
      const column = x - left - 1;
      const isWindow = isInside && (column >> 1) % 2 === 1 && (y - top - 1) % 2 === 1;
      if (!hasWindows || !isWindow) canvas.set(x, y, color);
      else if (column % 2 === 1) canvas.set(x, y, canvas.get(x - 1, y));
      else canvas.set(x, y, 1 + prng.below(2));
    }
  }
}

/** One space a pixel, in the four greys of terminals. */
function inGreys(canvas: Canvas): string {
  const colors = ["0;30;40m", "0;90;100m", "0;37;47m", "0;97;107m"];
  let text = "";
  for (let y = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++) {
      text += `\x1b[${colors[canvas.get(x, y)]} \x1b[0m`;
    }
    if (y !== canvas.height - 1) text += "\n";
  }
  return text;
}
