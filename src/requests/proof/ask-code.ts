import { codeMail } from '../../letters/code-mail.ts'
import { verb } from '../../verb.ts'
import { composeLetter } from '../compose-letter.ts'
import { resolveReference } from '../find.ts'
import { letterCase } from '../letter-case.ts'
import { END_STATES, type State } from '../state.ts'

/** Mails a fresh code to the address of the request; silent about references that do not exist or are over (design.md §5). */
export const askCode = verb(
  { name: 'askCode', permission: 'public', audit: 'letter.composed', quiet: true },
  async (ctx, { reference }: { reference: string }): Promise<void> => {
    const request = await resolveReference(ctx, reference)
    if (request === undefined) return
    const over =
      END_STATES.includes(request.state as State) &&
      request.state !== 'expired' &&
      request.state !== 'closed' &&
      request.state !== 'refused'
    if (over) return
    await composeLetter(ctx, request, 'code', codeMail(letterCase(ctx, request, reference)), [request.id])
  },
)
