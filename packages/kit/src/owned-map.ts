/**
 * A map that only its owner can change. Everyone else gets {@link view}: a live `Map` that throws on `set`, `delete`
 * and `clear`.
 */
export class OwnedMap<K, V> {
  readonly #map = new Map<K, V>();

  constructor() {
    for (const name of ['set', 'delete', 'clear'] as const)
      Object.defineProperty(this.#map, name, { value: refuse });
  }

  get view(): ReadonlyMap<K, V> {
    return this.#map;
  }

  get size(): number {
    return this.#map.size;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    Map.prototype.set.call(this.#map, key, value);
  }

  delete(key: K): boolean {
    return Map.prototype.delete.call(this.#map, key);
  }
}

function refuse(): never {
  throw new TypeError('this map is a view: it cannot be changed');
}
