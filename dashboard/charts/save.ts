/** Gives a file to the browser's downloads. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[^\p{L}\p{N} ._-]+/gu, '_');
  link.click();
  // The download has begun with the click, but the browser may read the bytes a moment later.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
