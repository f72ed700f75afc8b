const PATHS = {
  queue: 'M3 5.5h14M3 10h14M3 14.5h9',
  plus: 'M10 4v12M4 10h12',
  task: 'M4 4.5h12v11H4zM7 10l2.2 2.2L13 8',
  clock: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 6.5V10l2.5 1.8',
  hold: 'M5.5 9h9v7h-9zM7.3 9V6.7a2.7 2.7 0 0 1 5.4 0V9',
  map: 'M4 4h4.5v4H4zM11.5 12H16v4h-4.5zM11.5 4H16v4h-4.5zM8.5 6h3M13.7 8v4',
  audit: 'M5 3h7l3 3v11H5zM8 9h4M8 12h4',
  done: 'M4 10.5l4 4 8-9',
  alert: 'M10 3.5l7 12.5H3zM10 8.5v3.5M10 14.2v.1',
  eye: 'M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5zM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
} as const

/** The names of the icons we draw ourselves. */
export type IconName = keyof typeof PATHS

/** A line drawing beside a word; screen readers skip it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="hb-icon" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  )
}
