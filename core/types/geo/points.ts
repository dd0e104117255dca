// The places that a search has found, in columns: finding a million of them makes no object. The
// columns are kept for the next search, unless they have become large.
import type { Element } from "../element.ts";
import type { SortedSetCursor } from "../zset/cursor.ts";
import type { SortedSet } from "../zset/sorted-set.ts";
import { decodeScore, GeoPosition } from "./geohash.ts";
import type { GeoShape } from "./shape.ts";

const INITIAL_COUNT = 16;
const KEPT_COUNT_MAX = 4096;
/** Up to so many points are sorted by insertion: the engine's sort has a start-up cost of its own. */
const INSERTION_COUNT_MAX = 24;

export class GeoPoints {
  count = 0;
  /** Metres from the centre, after `measure`. */
  distances: Float64Array = new Float64Array(INITIAL_COUNT);
  scores: Float64Array = new Float64Array(INITIAL_COUNT);
  /** Where in its set a member is: what `SortedSetCursor.place` said. */
  places: Int32Array = new Int32Array(INITIAL_COUNT);
  /** After `sort`: at i the index of the point that comes as number i. */
  #order: Uint32Array | null = null;
  readonly #position: GeoPosition = new GeoPosition();

  /** Forgets what was found. */
  clear(): void {
    this.count = 0;
    this.#order = null;
    if (this.places.length <= KEPT_COUNT_MAX) return;
    this.scores = new Float64Array(INITIAL_COUNT);
    this.places = new Int32Array(INITIAL_COUNT);
    this.distances = new Float64Array(INITIAL_COUNT);
  }

  /**
   * Adds the members of the set that lie within the shape, range by range. Stops when there are
   * `limit` points, unless that is 0.
   */
  collect(set: SortedSet, cursor: SortedSetCursor, shape: GeoShape, limit: number): void {
    for (let i = 0; i < shape.minScores.length; i++) {
      if (limit > 0 && this.count >= limit) return;
      if (!cursor.seekScore(set, shape.minScores[i])) continue;
      this.#collectRange(cursor, shape, shape.maxScores[i], limit);
    }
  }

  #collectRange(cursor: SortedSetCursor, shape: GeoShape, maxScore: number, limit: number): void {
    const position = this.#position;
    do {
      const { score } = cursor;
      if (!(score < maxScore)) return;
      decodeScore(score, position);
      if (shape.contains(position)) this.#add(score, cursor.place);
      if (limit > 0 && this.count >= limit) return;
    } while (cursor.next());
  }

  #add(score: number, place: number): void {
    const { count } = this;
    if (count === this.places.length) this.#grow();
    this.scores[count] = score;
    this.places[count] = place;
    this.count = count + 1;
  }

  #grow(): void {
    const scores = new Float64Array(this.count * 2);
    const places = new Int32Array(this.count * 2);
    scores.set(this.scores);
    places.set(this.places);
    this.scores = scores;
    this.places = places;
  }

  /** Computes the distances, for those who sort, show or store them. */
  measure(shape: GeoShape): void {
    const position = this.#position;
    if (this.distances.length < this.count) this.distances = new Float64Array(this.places.length);
    for (let i = 0; i < this.count; i++) {
      decodeScore(this.scores[i], position);
      this.distances[i] = shape.distanceTo(position);
    }
  }

  /** Brings the points in the order of their distance; equally distant ones stay as found. */
  sort(descending: boolean): void {
    const { count } = this;
    const order = new Uint32Array(count);
    if (count <= INSERTION_COUNT_MAX) this.#insertInOrder(order, descending);
    else this.#sortLong(order, descending);
    this.#order = order;
  }

  #insertInOrder(order: Uint32Array, descending: boolean): void {
    const { distances } = this;
    for (let i = 0; i < order.length; i++) {
      const distance = distances[i];
      let at = i;
      for (; at > 0; at--) {
        const before = distances[order[at - 1]];
        if (descending ? !(before < distance) : !(before > distance)) break;
        order[at] = order[at - 1];
      }
      order[at] = i;
    }
  }

  #sortLong(order: Uint32Array, descending: boolean): void {
    const { distances } = this;
    for (let i = 0; i < order.length; i++) order[i] = i;
    const sign = descending ? -1 : 1;
    order.sort((a, b) => {
      const difference = distances[a] - distances[b];
      return difference === 0 ? a - b : difference * sign;
    });
  }

  /** Index in the columns of the point that comes as number `i`. */
  at(i: number): number {
    return this.#order === null ? i : this.#order[i];
  }

  /** Loads the member of a point of the set that the cursor was on. */
  member(cursor: SortedSetCursor, index: number, element: Element): void {
    cursor.memberAt(this.places[index], element);
  }
}
