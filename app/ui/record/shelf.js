/** Takes and their pieces in the browser's IndexedDB: what is put here survives a closed tab and a crash. */

/** @typedef {import("./takes.js").Take} Take */

const NAME = "portrayal-takes";
const [TAKES, PIECES] = ["takes", "pieces"];

/** @returns {Promise<Shelf>} */
export async function openShelf() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(TAKES, { keyPath: "id" });
    request.result.createObjectStore(PIECES); // [take, number] → Blob
  };
  return new Shelf(await answer(request));
}

export class Shelf {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
  }

  /** @param {string} id @returns {Promise<Take | undefined>} */
  take(id) {
    return answer(this.database.transaction(TAKES).objectStore(TAKES).get(id));
  }

  /** @returns {Promise<Take[]>} */
  takes() {
    return answer(this.database.transaction(TAKES).objectStore(TAKES).getAll());
  }

  /** @param {Take} take */
  put(take) {
    return this.#write((takes) => takes.put(take));
  }

  /** A piece with what its take amounts to by now: both or neither. @param {Take} take @param {number} number @param {Blob} piece */
  add(take, number, piece) {
    return this.#write((takes, pieces) => {
      takes.put(take);
      pieces.put(piece, [take.id, number]);
    });
  }

  /** In their order. @param {string} id @returns {Promise<Blob[]>} */
  pieces(id) {
    return answer(this.database.transaction(PIECES).objectStore(PIECES).getAll(all(id)));
  }

  /** @param {string} id */
  remove(id) {
    return this.#write((takes, pieces) => {
      takes.delete(id);
      pieces.delete(all(id));
    });
  }

  /** @param {(takes: IDBObjectStore, pieces: IDBObjectStore) => void} work */
  #write(work) {
    // Strict: done means on the disk, not in a buffer that a crash empties.
    const writing = this.database.transaction([TAKES, PIECES], "readwrite", { durability: "strict" });
    work(writing.objectStore(TAKES), writing.objectStore(PIECES));
    return new Promise((resolve, reject) => {
      writing.oncomplete = () => resolve(undefined);
      writing.onabort = () => reject(writing.error);
    });
  }
}

/** @param {string} id */
const all = (id) => IDBKeyRange.bound([id, 0], [id, Infinity]);

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
