/** The value itself, frozen with everything in it, so that nothing can change what was hashed. */
export function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const part of Object.values(value)) freezeDeep(part)
  return value
}

/** The map itself, which from now on refuses every change; `Object.freeze` alone leaves a map's entries open. */
export function freezeMap<K, V>(map: Map<K, V>): ReadonlyMap<K, V> {
  const refuse = (): never => {
    throw new TypeError('the policy is frozen')
  }
  for (const value of map.values()) freezeDeep(value)
  return Object.freeze(Object.assign(map, { set: refuse, delete: refuse, clear: refuse }))
}
