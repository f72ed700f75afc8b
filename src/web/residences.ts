import type { Choice } from './components/choices.tsx'

// ISO 3166-1 alpha-2; the name of each comes from the runtime's CLDR data.
const COUNTRIES = (
  'AD AE AF AG AI AL AM AO AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CN CO CR CU CV CW CY CZ ' +
  'DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GW GY HK HN HR HT HU ID IE IL IM IN IQ IR IS IT ' +
  'JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MO MQ MR MT MU MV MW MX MY MZ NA NC NE ' +
  'NG NI NL NO NP NR NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SX SY SZ TD TG TH TJ ' +
  'TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VI VN VU WF WS XK YE YT ZA ZM ZW'
).split(' ')

/** Countries by their English names, with California apart because its law differs; "" is "I would rather not say". */
export function residenceChoices(): Choice[] {
  const names = new Intl.DisplayNames('en', { type: 'region' })
  const countries = COUNTRIES.map((value) => ({ value, text: names.of(value) ?? value }))
  const usa = { value: 'US-CA', text: 'United States: California' }
  const named = countries.map((country) => (country.value === 'US' ? { ...country, text: 'United States: another state' } : country))
  const sorted = [...named, usa].toSorted((a, b) => a.text.localeCompare(b.text, 'en'))
  return [{ value: '', text: 'Choose, or leave it open' }, ...sorted]
}
