/** FNV-1a with 32 bits over UTF-16 code units, as GrowthBook computes it in JavaScript. */
export const fnv1a = (text: string): number => {
  const { imul } = Math;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = imul(hash ^ text.charCodeAt(i), 0x01000193);

  return hash >>> 0;
};
