import type { InstallFacts } from '../../../src/proxy/admin/installFacts.ts';

/** Where the proxy of these tests is reached. */
export const PROXY = 'https://t.example.com';

/** The site that it is installed on. */
export const SITE = 'https://www.example.com';

/** What its install page knows. */
export const FACTS: InstallFacts = {
  version: '1.2.3',
  publicUrl: PROXY,
  allowedOrigins: [SITE, 'https://*.example.org'],
  allowedTags: ['newsletter', 'viewed-*'],
  protectedTags: ['plan-*'],
  allowedFields: ['Plan'],
  stub: 'window.sendx||(function(){if(1>0)return "it\'s"})();',
  stubHash: "'sha256-abc'",
  loader: 'load("%SCRIPT%")',
  integrity: 'sha384-x',
};
