// The dial's geometry: 60 ticks for the days, an arc for the minutes.

/** Sizes: 15 and 52 show the arc only; 72 rows, 104 registration, 208 first run. */
export type DialSize = 15 | 52 | 72 | 104 | 208;

interface Shape {
  /** Radius of the arc. */
  arc: number;
  /** Outer radius and length of a tick; none where it would be a smudge. */
  tick: { outer: number; length: number; width: number } | null;
  /** Line widths: full, and for the states without minutes. */
  width: number;
  thin: number;
  /** Type: the number, and the unit below it; baseline offsets from the middle. */
  number: { size: number; at: number; unit: number; unitAt: number } | null;
  /** Scale of a 16 px picture in the middle. */
  picture: number;
}

export const shapes: Record<DialSize, Shape> = {
  15: { arc: 5.5, tick: null, width: 3, thin: 1.5, number: null, picture: 0 },
  52: { arc: 23, tick: null, width: 4, thin: 2.5, number: { size: 16, at: 3, unit: 10, unitAt: 14 }, picture: 1.4 },
  72: { arc: 23.94, tick: { outer: 34.4, length: 6, width: 1.5 }, width: 5, thin: 2.5, number: { size: 17, at: 2, unit: 10.5, unitAt: 13 }, picture: 1.4 },
  104: { arc: 35.88, tick: { outer: 50, length: 6, width: 1.5 }, width: 6, thin: 3, number: { size: 22, at: 2, unit: 12, unitAt: 17 }, picture: 1.9 },
  208: { arc: 72.8, tick: { outer: 102, length: 8, width: 2.2 }, width: 8, thin: 4, number: { size: 30, at: 4, unit: 13, unitAt: 22 }, picture: 3 },
};

/** One path with ticks `from`..`to` (of 60), the first just right of twelve o'clock. */
export function ticks(size: DialSize, from: number, to: number): string {
  const shape = shapes[size].tick;
  if (!shape) return "";
  const middle = size / 2;
  let path = "";
  for (let index = from; index < to; index += 1) {
    const angle = ((index + 0.5) / 60) * 2 * Math.PI;
    const point = (radius: number) => `${(middle + radius * Math.sin(angle)).toFixed(2)} ${(middle - radius * Math.cos(angle)).toFixed(2)}`;
    path += `M${point(shape.outer)}L${point(shape.outer - shape.length)}`;
  }
  return path;
}

/** An arc of `part` (0 to 1) of the ring, clockwise from twelve o'clock. */
export function arc(size: DialSize, part: number): string {
  const middle = size / 2;
  const radius = shapes[size].arc;
  if (part <= 0) return "";
  const angle = Math.min(part, 0.9999) * 2 * Math.PI;
  const x = (middle + radius * Math.sin(angle)).toFixed(2);
  const y = (middle - radius * Math.cos(angle)).toFixed(2);
  return `M${middle} ${(middle - radius).toFixed(2)}A${radius} ${radius} 0 ${part > 0.5 ? 1 : 0} 1 ${x} ${y}`;
}

/** How many of the 60 ticks stand for `days` of `of`. */
export function litTicks(days: number, of: number): number {
  if (of <= 0 || days <= 0) return 0;
  return Math.max(1, Math.min(60, Math.round((days / of) * 60)));
}
