/** What the address of the queue says: `?state=&right=&q=&due=&after=`; empty strings mean no filter. */
export interface QueueQuery {
  /** A state, or '' for every open case, or 'any'. */
  state: string
  right: string
  q: string
  due: '' | 'overdue' | 'week'
  after: string
}

/** The address of the queue with these filters; empty ones are left out. */
export function queueHref(query: Partial<QueueQuery>): string {
  const set = Object.entries(query).filter(([, value]) => value !== '')
  return set.length === 0 ? '/console' : `/console?${new URLSearchParams(set).toString()}`
}
