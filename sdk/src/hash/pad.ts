/** The message, a one bit, zeros, and the length in bits, to a multiple of 64 bytes: the same for MD5 and SHA-256. */
export const pad = (message: Uint8Array, littleEndian: boolean): DataView => {
  const padded = new Uint8Array((((message.length + 8) >> 6) << 6) + 64);
  padded.set(message);
  padded[message.length] = 0x80;

  const view = new DataView(padded.buffer);
  const [high, low] = littleEndian ? [4, 8] : [8, 4];
  view.setUint32(padded.length - high, Math.floor(message.length / 2 ** 29), littleEndian);
  view.setUint32(padded.length - low, message.length << 3, littleEndian);
  return view;
};
