/** Below this many units in the larger arm no difference is shown. */
export const fewestUnits = 150;

/** Below this many units with, or without, a conversion in an arm the normal approximations do not hold. */
export const fewestOfAKind = 5;

/** How far an arm is: its units, and how many of them converted. */
export interface ArmProgress {
  readonly units: number;
  readonly converted: number;
}

/** Why there is too little data, and how often the present data are needed (null: cannot be said). */
export interface Shortage {
  readonly reason: string;
  readonly growth: number | null;
}

/**
 * What is missing before two arms may be compared: 150 units in the larger, and 5 converted and 5 not converted in each
 * (np and n(1-p)). A mean needs the 5 converted, but not the 5 others. Null when nothing is missing.
 */
export function shortageOf(control: ArmProgress, variant: ArmProgress, kind: 'proportion' | 'mean'): Shortage | null {
  const larger = Math.max(control.units, variant.units);
  const arms = [
    { name: 'the control', ...control },
    { name: 'this variant', ...variant },
  ];
  const missing = [
    { has: larger, needs: fewestUnits, what: 'units in the larger arm' },
    ...arms.map(({ name, converted }) => ({
      has: converted,
      needs: fewestOfAKind,
      what: `converted units in ${name}`,
    })),
    ...(kind === 'mean'
      ? []
      : arms.map(({ name, units, converted }) => ({
          has: units - converted,
          needs: fewestOfAKind,
          what: `units in ${name} that did not convert`,
        }))),
  ].filter(({ has, needs }) => has < needs);

  const [first] = missing;
  if (first === undefined) return null;
  const growth = Math.max(...missing.map(({ has, needs }) => needs / has));
  return {
    reason: `${first.has} of the ${first.needs} ${first.what} that a comparison needs`,
    growth: Number.isFinite(growth) ? growth : null,
  };
}
