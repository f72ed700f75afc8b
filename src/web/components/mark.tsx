/** The mark of Habeas: two posts and the thing that is handed from one to the other. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg class="hb-mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect class="hb-mark__ground" width="32" height="32" rx="8" />
      <path class="hb-mark__posts" d="M9.5 7.5v17M22.5 7.5v17" fill="none" stroke-width="3.4" stroke-linecap="round" />
      <circle class="hb-mark__dot" cx="16" cy="16" r="2.6" />
    </svg>
  )
}
