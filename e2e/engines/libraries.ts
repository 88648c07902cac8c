import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compile } from 'svelte/compiler';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A file that a package ships, whether it exports it or not. */
const file = (path: string) => readFileSync(`${ROOT}node_modules/${path}`, 'utf8');

/** One script of what a bundler would make of the code. */
async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    format: 'iife',
    minify: true,
    write: false,
    define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
  });
  return outputFiles[0]?.text ?? '';
}

/** Code of a page with what a library is known for on such pages. */
export type Library = () => string | Promise<string>;

/** Libraries that change what the snippet stands on: loaded before it. */
export const CHANGE_THE_GROUND: Readonly<Record<string, Library>> = {
  // Its port for servers lacks what Prototype 1.6 did to arrays in pages.
  'Prototype.js': async () =>
    `${await bundle("Object.assign(window, require('prototype'));")}
    Array.prototype.toJSON = function () { return '[' + this.map(Object.toJSON).join(', ') + ']'; };
    String.prototype.toJSON = function () { return this.inspect(true); };`,
  MooTools: () => file('mootools/lib/mootools-core-1.5.2-server.js'),
  'jQuery 1': () => file('jquery-1/dist/jquery.js'),
  'jQuery 4': () => file('jquery/dist/jquery.js'),
  'zone.js, as Angular loads it': () => file('zone.js/bundles/zone.umd.js'),
  'es5-shim and its shams': () => file('es5-shim/es5-shim.js') + file('es5-shim/es5-sham.js'),
  'es6-shim and its shams': () => file('es6-shim/es6-shim.js') + file('es6-shim/es6-sham.js'),
  'core-js': () => file('core-js-bundle/index.js'),
  'Sugar, extending every type': () => `${file('sugar/dist/sugar.js')}; Sugar.extend();`,
  Datejs: () => file('datejs/lib/date.js'),
};

const SVELTE_FORM = `
  <script>
    let email = $state('');
    let sent = $state(false);
    const send = (event) => {
      event.preventDefault();
      sendx('identify', { email, tags: ['newsletter'] });
      sent = true;
    };
  </script>
  {#if sent}<p id="thanks">Thanks</p>{:else}
  <form onsubmit={send}><input id="email" bind:value={email}><button>Send</button></form>{/if}`;

/** Frameworks whose form is gone in the moment that it was sent. */
export const DRAW_THE_FORM: Readonly<Record<string, Library>> = {
  'React 19': () =>
    bundle(`
      import { createElement as h, useState } from 'react';
      import { createRoot } from 'react-dom/client';
      function Form() {
        const [sent, setSent] = useState(false);
        const [email, setEmail] = useState('');
        const onSubmit = (event) => {
          event.preventDefault();
          sendx('identify', { email, tags: ['newsletter'] });
          setSent(true);
        };
        if (sent) return h('p', { id: 'thanks' }, 'Thanks');
        const onChange = ({ target }) => setEmail(target.value);
        return h('form', { onSubmit }, h('input', { id: 'email', value: email, onChange }), h('button', null, 'Send'));
      }
      createRoot(document.querySelector('#app')).render(h(Form));`),
  'Vue 3': () => `${file('vue/dist/vue.global.prod.js')}
    Vue.createApp({
      data: () => ({ email: '', sent: false }),
      methods: {
        send() {
          // A reactive proxy, as an app would pass it on.
          sendx('identify', Vue.reactive({ email: this.email, tags: ['newsletter'] }));
          this.sent = true;
        },
      },
      template: \`<p v-if="sent" id="thanks">Thanks</p>
        <form v-else @submit.prevent="send"><input id="email" v-model="email"><button>Send</button></form>\`,
    }).mount('#app');`,
  'Svelte 5': async () => {
    const { js } = compile(SVELTE_FORM, { generate: 'client', filename: 'Form.svelte' });
    const code = js.code.replace(/export default function (\w+)/, 'function $1');
    return bundle(
      `import { mount } from 'svelte'; ${code}; mount(Form, { target: document.querySelector('#app') });`,
    );
  },
};

/** Libraries that put the next page into this one. */
export const SWAP_THE_PAGE: Readonly<Record<string, Library>> = {
  htmx: () => file('htmx.org/dist/htmx.js'),
  Turbo: () => file('@hotwired/turbo/dist/turbo.es2017-umd.js'),
};
