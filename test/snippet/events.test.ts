import { describe, expect, it } from 'vitest';
import { createEvents, type SendxEvent } from '../../src/snippet/events.ts';

const listen = () => {
  const events = createEvents();
  const heard: string[] = [];
  const hear = (name: string) => (event: SendxEvent) =>
    heard.push([name, event.event, event.id, event.reason].filter(Boolean).join(' '));
  return { ...events, heard, hear };
};

describe('createEvents', () => {
  it('tells those who asked for the event, for all, and for one message', () => {
    const { on, emit, heard, hear } = listen();
    on('accepted', hear('name'));
    on('*', hear('all'));
    on('m1accepted', hear('one'));
    on('m2accepted', hear('other'));
    emit('accepted', 'm1', 'duplicate');
    expect([...heard].sort()).toEqual([
      'all accepted m1 duplicate',
      'name accepted m1 duplicate',
      'one accepted m1 duplicate',
    ]);
  });

  it('tells several listeners in the order in which they came', () => {
    const { on, emit, heard, hear } = listen();
    for (const name of ['first', 'second', 'third']) on('error', hear(name));
    emit('error', undefined, 'network');
    expect(heard).toEqual(['first error network', 'second error network', 'third error network']);
  });

  it('shields the page and the next listener from one that throws', () => {
    const { on, emit, heard, hear } = listen();
    on('dropped', () => {
      throw new Error('the page has a bug');
    });
    on('dropped', hear('next'));
    expect(() => emit('dropped', 'm1', 'evicted')).not.toThrow();
    expect(heard).toEqual(['next dropped m1 evicted']);
  });

  it.each([undefined, null, 0, 'text', {}, 7])('is not harmed by %j for a listener', (listener) => {
    const { on, emit, heard, hear } = listen();
    on('stored', listener);
    on('stored', hear('next'));
    expect(() => emit('stored', 'm1')).not.toThrow();
    expect(heard).toEqual(['next stored m1']);
  });

  it('lets a listener add another, which hears the next event first', () => {
    const { on, emit, heard, hear } = listen();
    on('stored', () => on('stored', hear('late')));
    emit('stored', 'm1');
    expect(heard).toEqual([]);
    emit('stored', 'm2');
    expect(heard).toEqual(['late stored m2']);
  });

  it('gives the detail as it is', () => {
    const { on, emit } = createEvents();
    const detail = { path: 'email', received: 7 };
    const heard: unknown[] = [];
    on('dropped', (event: SendxEvent) => heard.push(event));
    emit('dropped', 'm1', 'invalid', detail);
    expect(heard).toEqual([{ event: 'dropped', id: 'm1', reason: 'invalid', detail }]);
  });
});
