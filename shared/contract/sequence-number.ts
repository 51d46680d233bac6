/** A Kinesis sequence number: up to 128 bits, written in decimal (56 digits are usual). */
export type SequenceNumber = string;

const PADDED_DIGITS = 60;

/** Orders two sequence numbers, as `Array.sort` wants it. They are too long for numbers: longer is larger. */
export function compareSequence(a: SequenceNumber, b: SequenceNumber): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The same number, filled up with zeros so that comparing strings compares numbers (DynamoDB keeps 38 digits only). */
export function padSequence(sequence: SequenceNumber): string {
  return sequence.padStart(PADDED_DIGITS, '0');
}

export function unpadSequence(padded: string): SequenceNumber {
  return padded.replace(/^0+(?=\d)/, '');
}
