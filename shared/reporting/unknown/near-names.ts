import { compareText } from '../living-experiments.ts';

/** So many names are shown beside one that nobody knows. */
const MOST_NEAR = 5;

/** So many letters of a name are compared: a thousand names of 256 would take a second. */
const COMPARED = 64;

/** Names that somebody may have meant, the nearest first: written otherwise, a part of it, or a few slips away. */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const { length } = plain(wanted);
  const most = Math.min(Math.max(2, Math.floor(length / 4)), Math.floor(length / 2));
  const ranked = [...new Set(names)].flatMap((name) => {
    const slips = slipsBetween(plain(wanted), plain(name), most);
    return slips > most ? [] : [{ name, slips }];
  });
  ranked.sort((a, b) => a.slips - b.slips || compareText(a.name, b.name));
  return ranked.slice(0, MOST_NEAR).map(({ name }) => name);
}

/** Without what people do not remember of a name: capitals, accents, and what stands between words. */
function plain(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .slice(0, COMPARED);
}

/** How many letters were left out, added or changed; 1 where one name is in the other; more than `most` is not counted. */
function slipsBetween(a: string, b: string, most: number): number {
  if (a === b) return 0;
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  if (shorter.length > 2 && longer.includes(shorter)) return 1;
  if (longer.length - shorter.length > most) return most + 1;
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    above = row;
  }
  return above[b.length] ?? 0;
}
