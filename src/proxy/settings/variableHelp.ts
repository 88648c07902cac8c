import type { Variable } from '../settings.ts';
import { variables } from './variables.ts';

/** Columns of a line of help at most. */
const WIDTH = 96;

/** The variables as `--help` prints them. */
export function variableHelp(): string {
  return Object.values<Variable<unknown>>(variables).map(describe).join('\n');
}

function describe({
  name,
  meaning,
  default: fallback,
  example,
  required,
  secret,
}: Variable<unknown>) {
  const file = secret ? ` Or ${name}_FILE, the path of a file that holds it.` : '';
  const need = required ? 'Required' : `Default: ${fallback ?? 'none'}`;
  const lines = wrap(`${meaning}${file} ${need}. Example: ${example}`);
  return [`  ${name}`, ...lines.map((line) => `      ${line}`)].join('\n');
}

function wrap(text: string): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length >= WIDTH - 6) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
