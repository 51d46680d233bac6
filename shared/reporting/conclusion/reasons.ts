import type { Reason, ReasonCode } from '../../contract/report/conclusion.ts';
import { percent, threeDigits } from '../../contract/figures.ts';
import type { Warning, WarningCode } from '../../contract/answers.ts';
import type { Told } from './standings.ts';

/** Warnings that make figures unusable, and what they are as a reason. */
const UNUSABLE: Partial<Record<WarningCode, { code: ReasonCode; text: string }>> = {
  sample_ratio: { code: 'split_off', text: 'the split is off' },
  broken_counter: { code: 'broken_data', text: 'a counter is damaged' },
  broken_definition: { code: 'broken_data', text: 'the definition cannot be used' },
};

export function unusableReasons(warnings: readonly Warning[]): Reason[] {
  return warnings.flatMap(({ code }) => UNUSABLE[code] ?? []);
}

/** `latency is worse (+28 %)` */
export function reasonOf(
  code: 'primary_wins' | 'primary_loses' | 'guardrail_harmed',
  variant: string,
  told: Told,
): Reason {
  const { goal, lift } = told;
  const word = code === 'primary_wins' ? 'better' : 'worse';
  return {
    code,
    text: `${goal.label} is ${word} (${liftText(told)})`,
    goal: goal.label,
    variant,
    ...(lift !== null && { lift }),
  };
}

export function invalidReason({ goal, verdict }: Told, variant: string): Reason {
  return {
    code: 'invalid_goal',
    text: `${goal.label} cannot be judged: ${verdict.cause ?? 'invalid'}`,
    goal: goal.label,
    variant,
  };
}

export function liftText({ lift, difference }: Told): string {
  if (lift !== null) return `${signed(lift * 100)} %`;
  return difference && difference.value !== null ? `difference ${signed(difference.value)}` : 'without a figure';
}

export function signed(value: number): string {
  return value < 0 ? `−${threeDigits(-value)}` : `+${threeDigits(value)}`;
}

export function withinText(within: number): string {
  return `no effect above ±${percent(within)}`;
}

export function plain(code: ReasonCode, text: string, more: Partial<Reason> = {}): Reason {
  return { code, text, ...more };
}
