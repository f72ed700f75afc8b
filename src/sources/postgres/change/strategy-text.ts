const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const HEX = '[0-9A-Fa-f]{1,4}'
const IPV4 = `^${OCTET}([.]${OCTET}){3}$`
/** Every way to leave out one run of zeros, so that the cast that follows cannot fail. */
const IPV6 = `^((${HEX}:){7}${HEX}|(${HEX}:){1,7}:|${[1, 2, 3, 4, 5, 6]
  .map((after) => `(${HEX}:){1,${7 - after}}(:${HEX}){1,${after}}`)
  .join('|')}|:((:${HEX}){1,7}|:))$`

/** The network of an address, as SQL: /24 of IPv4, /48 of IPv6; a wider network stays as it is. */
export function networkSql(sql: string, type: 'inet' | 'cidr'): string {
  return `network(set_masklen(${sql}::inet, least(masklen(${sql}), case family(${sql}) when 4 then 24 else 48 end)))::${type}`
}

/**
 * The network of an address in a text, as SQL: its first address, such as 203.0.113.0 or 2001:db8:1::, which is never longer than what stood
 * there. A text that is no address alone becomes `otherwise`.
 */
export function networkTextSql(sql: string, otherwise: string): string {
  const text = `btrim(${sql})`
  return `case when ${sql} is null then null when ${text} ~ '${IPV4}' then regexp_replace(${text}, '[0-9]+$', '0')
    when ${text} ~ '${IPV6}' then host(network(set_masklen((case when ${text} ~ '${IPV6}' then ${text} else '::' end)::inet, 48))) else ${otherwise} end`
}

/** The first half of a postcode, as SQL; a star in the place of every other character tells a second look that it is done. */
export function halfPostcodeSql(sql: string): string {
  const text = `btrim(${sql})`
  return `left(${text}, char_length(${text}) / 2) || repeat('*', char_length(${text}) - char_length(${text}) / 2)`
}

/** A text of at most `length` characters, as SQL: one that has grown too long says nothing but that it was removed. */
export function fittingSql(sql: string, length: number | null, otherwise: string): string {
  return length === null
    ? sql
    : `(select case when char_length(v) > ${length} then ${otherwise} else v end from (select ${sql} as v offset 0) f)`
}
