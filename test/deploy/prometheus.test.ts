import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { temporaryFolder } from '../proxy/fixture.ts';
import { findDebianProgram } from './debianProgram.ts';
import { readDeployed } from './webServer.ts';

const run = promisify(execFile);
const promtool = findDebianProgram('/usr/bin/promtool', 'prometheus') ?? '';
const rule = test.skipIf(promtool === '');
const GRAFANA = new URL('../../src/proxy/grafana/', import.meta.url).pathname;

interface Alert {
  readonly alert: string;
  readonly for: string;
}
const alerts = parse(readFileSync(join(GRAFANA, 'alerts.yml'), 'utf8')) as {
  readonly groups: readonly [{ readonly rules: readonly Alert[] }];
};
const { rules } = alerts.groups[0];

/** Runs promtool on files written for it; resolves to what it says, or its complaint. */
async function ask(words: readonly string[], files: Readonly<Record<string, unknown>>) {
  const cwd = temporaryFolder();
  cpSync(join(GRAFANA, 'alerts.yml'), join(cwd, 'alerts.yml'));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(cwd, name), typeof content === 'string' ? content : stringify(content));
  return run(promtool, [...words], { cwd })
    .then(({ stdout }) => ({ ok: true, said: stdout }))
    .catch(({ stdout, stderr }: { stdout: string; stderr: string }) => ({
      ok: false,
      said: stdout + stderr,
    }));
}

rule('the configuration that the documentation shows finds the alert rules', async () => {
  const block = /```yaml\n([\s\S]+?)```/.exec(readDeployed('README.md'))?.[1] ?? '';
  const { ok, said } = await ask(['check', 'config', 'prometheus.yml'], {
    'prometheus.yml': block,
  });
  expect(said).toContain(`${rules.length} rules found`);
  expect(ok, said).toBe(true);
});

rule('every query of the dashboard can be parsed', async () => {
  const { panels } = JSON.parse(readFileSync(join(GRAFANA, 'dashboard.json'), 'utf8')) as {
    readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
  };
  const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const asRules = (all: readonly string[]) => ({
    groups: [
      {
        name: 'dashboard',
        rules: all.map((expr, at) => ({
          record: `panel:query${at}`,
          expr: expr.replaceAll(/\$__(?:rate_interval|range)/g, '5m'),
        })),
      },
    ],
  });
  const check = (all: readonly string[]) =>
    ask(['check', 'rules', 'dashboard.yml'], { 'dashboard.yml': asRules(all) });
  const { ok, said } = await check(queries);
  expect(ok, said).toBe(true);
  expect(said).toContain(`${queries.length} rules found`);
  expect((await check([...queries, 'sum(rate(sendx_proxy_results_total))'])).ok).toBe(false);
});

/** What each alert watches going wrong, and the same when all is well; a sample a minute. */
const CASES: Readonly<Record<string, { series: string; wrong: string; well: string }>> = {
  SendxProxyDown: { series: 'up{job="sendx-proxy"}', wrong: '0x120', well: '1x120' },
  SendxStoreDown: { series: 'sendx_proxy_store_up', wrong: '0x120', well: '1x120' },
  SendxStoreDiskFull: {
    series: 'sendx_proxy_store_free_bytes',
    wrong: '268435455x120',
    well: '268435456x120',
  },
  SendxHeldBack: { series: 'sendx_proxy_circuit_open', wrong: '1x120', well: '0x120' },
  SendxBacklogOld: {
    series: 'sendx_proxy_outbox_oldest_seconds',
    wrong: '1801+60x120',
    well: '20x120',
  },
  SendxBacklogExpiring: {
    series: 'sendx_proxy_outbox_oldest_seconds',
    wrong: '432001+60x120',
    well: '1801x120',
  },
  SendxDeadLetters: {
    series: 'sendx_proxy_dead_total{reason="rejected"}',
    wrong: '0x50 1x70',
    well: '7x120',
  },
  SendxLostInBrowsers: {
    series: 'sendx_proxy_browser_lost_total{reason="expired"}',
    wrong: '0x10 1x10 2x10 3x10 4x80',
    // Two envelopes that claim all they can, with a restart between them.
    well: '0x10 65535x10 0x10 65535x90',
  },
  SendxRefusals: {
    series: 'sendx_proxy_results_total{status="refused",code="invalid"}',
    wrong: '0+6x120',
    well: '0+4x120',
  },
  SendxProxyFails: {
    series: 'sendx_proxy_request_seconds_count{route="messages",status="503"}',
    wrong: '0+1x120',
    well: '3x120',
  },
  SendxTooManyRequests: {
    series: 'sendx_proxy_request_seconds_count{route="messages",status="429"}',
    wrong: '0+6x120',
    well: '0+4x120',
  },
  SendxPutOff: {
    series: 'sendx_proxy_results_total{status="later",code=""}',
    wrong: '0+6x120',
    well: '0+4x120',
  },
};

test('there is a case for every alert', () => {
  expect(Object.keys(CASES)).toEqual(rules.map(({ alert }) => alert));
});

/** Asks whether an alert fires after an hour of a series beside 94 requests a minute with one accepted message. */
async function fires(alert: string, series: string, values: string): Promise<boolean> {
  const accepted = 'sendx_proxy_results_total{status="accepted",code=""}';
  const requests = 'sendx_proxy_request_seconds_count{route="messages",status="202"}';
  const { ok, said } = await ask(['test', 'rules', 'case.yml'], {
    'case.yml': {
      rule_files: ['alerts.yml'],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: [
            { series, values },
            { series: accepted, values: '0+94x120' },
            { series: requests, values: '0+94x120' },
          ],
          alert_rule_test: [{ eval_time: '1h', alertname: alert, exp_alerts: [] }],
        },
      ],
    },
  });
  expect(ok || said.includes(`alertname: ${alert}`), said).toBe(true);
  return !ok;
}

for (const [alert, { series, wrong, well }] of Object.entries(CASES))
  rule(`${alert} fires when it should, and only then`, async () => {
    expect(await fires(alert, series, wrong)).toBe(true);
    expect(await fires(alert, series, well)).toBe(false);
  });
