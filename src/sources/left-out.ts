/** What a text says instead, when somebody has decided to leave it out of a copy for the sake of others (Art. 15(4) GDPR). */
export const LEFT_OUT = '[left out: about other people]'
