// SPDX-License-Identifier: Apache-2.0
// Hands the user a file that was made here.
export function download(name: string, parts: string[], type = 'application/x-ndjson'): void {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
