import { z } from 'zod'
import { readCheckpoint, readEntries, readProof } from '../../audit/read.ts'
import type { Context } from '../../context.ts'
import { contextOf } from '../callers.ts'
import { instant, json, operator, pageOf, paging, problems, type Api } from './api.ts'

const TAG = 'Audit'

const entryAnswer = z
  .object({
    number: z.int(),
    at: instant,
    action: z.string(),
    actor: z.string(),
    case: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
    hash: z.string().describe('RFC 6962 leaf hash, hex'),
  })
  .meta({ id: 'AuditEntry' })

const checkpointAnswer = z
  .object({ tree_size: z.int(), root: z.string().describe('RFC 6962 root, hex'), at: instant.nullable() })
  .meta({ id: 'AuditCheckpoint' })

const proofAnswer = z
  .object({
    entry: z.int(),
    leaf_hash: z.string(),
    tree_size: z.int(),
    root: z.string(),
    path: z.array(z.string()),
    body: z.string().describe('canonical JSON (RFC 8785) of the entry'),
  })
  .meta({ id: 'AuditProof' })

/** The append-only log and its proofs. */
export function audit(api: Api, ctx: Context): void {
  api.get(
    '/v1/audit/entries',
    {
      schema: {
        ...operator(TAG, 'listAuditEntries', 'Read the log, newest first'),
        querystring: z.object({ ...paging, case: z.string().max(40).optional().describe('only of this case') }),
        response: { 200: json('A page of entries', pageOf(entryAnswer)), ...problems(400, 401, 403) },
      },
    },
    async (request) => readEntries(contextOf(ctx, request), request.query),
  )

  api.get(
    '/v1/audit/checkpoint',
    {
      schema: {
        ...operator(TAG, 'readAuditCheckpoint', 'Read the newest tree head'),
        response: { 200: json('The checkpoint', checkpointAnswer), ...problems(401, 403) },
      },
    },
    async (request) => readCheckpoint(contextOf(ctx, request)),
  )

  api.get(
    '/v1/audit/proof',
    {
      schema: {
        ...operator(TAG, 'readAuditProof', 'Prove that an entry is in the log'),
        querystring: z.object({ entry: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
        response: { 200: json('The inclusion proof', proofAnswer), ...problems(400, 401, 403, 404) },
      },
    },
    async (request) => readProof(contextOf(ctx, request), request.query),
  )
}
