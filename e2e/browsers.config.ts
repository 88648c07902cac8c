import ensureBrowsers from './ensureBrowsers.ts';

ensureBrowsers();

/** No tests: to read it installs the browsers that are missing, while other checks run. */
export default { testMatch: [] };
