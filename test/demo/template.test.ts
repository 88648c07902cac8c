import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTemplate } from '../../demo/template.ts';

describe('fillTemplate', () => {
  it('escapes what two braces name', () => {
    const filled = fillTemplate('<a title="{{name}}">{{name}}</a>', { name: `<&"'>` });
    expect(filled).toBe('<a title="&lt;&amp;&quot;&#39;&gt;">&lt;&amp;&quot;&#39;&gt;</a>');
  });

  it('leaves what three braces name as it is', () => {
    expect(fillTemplate('<p>{{{html}}}</p>', { html: '<b>&</b>' })).toBe('<p><b>&</b></p>');
  });

  it('does not read a value as a template or as a replacement pattern', () => {
    const values = { a: '{{b}} $& $1', b: 'never' };
    expect(fillTemplate('{{{a}}}', values)).toBe('{{b}} $& $1');
  });

  it('leaves braces alone that hold no name', () => {
    const script = "sendx('identify', { customFields: { Age: '29' }})";
    expect(fillTemplate(script, {})).toBe(script);
  });

  it('names a placeholder that has no value, inherited ones included', () => {
    expect(() => fillTemplate('{{prxy}}', { proxy: 'x' })).toThrow(/\{\{prxy\}\}.*proxy/);
    expect(() => fillTemplate('{{constructor}}', {})).toThrow(/\{\{constructor\}\}/);
  });

  it('puts no value into a text that could start a tag or end an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(fillTemplate('{{value}}', { value })).not.toMatch(/[<>"']/);
      }),
    );
  });
});
