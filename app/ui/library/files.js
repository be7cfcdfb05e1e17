/** The files in what was dropped, those in folders too. Hidden ones are left out, as the import of a folder does. */

/** @param {DataTransfer} transfer @returns {Promise<File[]>} */
export async function filesIn(transfer) {
  // Entries have to be taken before the first wait: afterwards the browser has emptied the transfer.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.every((entry) => entry === null)) return [...transfer.files];
  const found = await Promise.all(entries.filter((entry) => entry !== null).map(walk));
  return found.flat();
}

/** @param {any} entry @returns {Promise<File[]>} */
async function walk(entry) {
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const children = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // at most a hundred at a time
    if (some.length === 0) break;
    children.push(...some);
  }
  children.sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = [];
  for (const child of children) files.push(...(await walk(child)));
  return files;
}
