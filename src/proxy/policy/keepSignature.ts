import type { Judge } from '../policy.ts';

/** The same judge, who leaves a right signature on the message. */
export const keepSignature =
  (judge: Judge): Judge =>
  (message, state) => {
    const judgement = judge(message, state);
    const { signature } = message;
    return 'message' in judgement && state === 'right' && signature !== undefined
      ? { message: { ...judgement.message, signature } }
      : judgement;
  };
