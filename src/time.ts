/** The one door to Temporal: dropping the polyfill, once the runtime has its own, is this line. */
export { Temporal } from 'temporal-polyfill'
