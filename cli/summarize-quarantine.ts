import type { QuarantineEntry } from '../shared/counting/ports.ts';

/** What is in quarantine, in short. */
export interface QuarantineSummary {
  records: number;
  /** Refused events; records that cannot be read have none that anybody could count. */
  events: number;
  /** By code, the most frequent first. */
  reasons: ReasonSummary[];
  /** The newest first. */
  newest: QuarantineEntry[];
}

export interface ReasonSummary {
  code: string;
  records: number;
  events: number;
  /** The newest one's. */
  example: string;
}

/** @param shown how many entries are kept: a stranger may have made millions */
export async function summarizeQuarantine(
  entries: AsyncIterable<QuarantineEntry>,
  shown: number,
): Promise<QuarantineSummary> {
  const reasons = new Map<string, { summary: ReasonSummary; at: number }>();
  let newest: QuarantineEntry[] = [];
  for await (const entry of entries) {
    const { code, reason, events, at } = entry;
    const { summary, at: newestAt } = reasons.get(code) ?? {
      summary: { code, records: 0, events: 0, example: reason },
      at,
    };
    const example = at >= newestAt ? reason : summary.example;
    reasons.set(code, {
      summary: { code, records: summary.records + 1, events: summary.events + events, example },
      at: Math.max(at, newestAt),
    });
    newest.push(entry);
    if (newest.length > 2 * shown + 100) newest = newestOf(newest, shown);
  }
  const counted = [...reasons.values()].map(({ summary }) => summary).sort((a, b) => b.records - a.records);
  return {
    records: counted.reduce((sum, { records }) => sum + records, 0),
    events: counted.reduce((sum, { events }) => sum + events, 0),
    reasons: counted,
    newest: newestOf(newest, shown),
  };
}

function newestOf(entries: QuarantineEntry[], shown: number): QuarantineEntry[] {
  return entries.sort((a, b) => b.at - a.at).slice(0, shown);
}
