/** What `--help` prints. */
export const HELP = `sendx-emulator: a SendX on this computer, for trying and testing without an account.

  sendx-emulator                  start; Ctrl-C ends it, and nothing is kept
  sendx-emulator -h | --help | --version

It prints its address, which has a live view of contacts, calls and automations for a browser, and
is what SENDX_API_URL of a proxy names; and the API key, unless that was chosen. Below that address
tests read what arrived, order failures and choose what SendX leaves open: GET /_emulator/journal,
POST /_emulator/faults, POST /_emulator/rules and more, in src/emulator/README.md of the package.

Environment:

  PORT
      Port to listen on; 0 is any free one. Default: 8788.
  HOST
      Address to listen on. Default: 127.0.0.1, this computer only.
  SENDX_API_KEY
      The key that callers must send. Default: emulator-key.
  SENDX_TEAM_ID
      The team that callers of the older API must name. Default: emulator-team.

Exit codes: 0 ended when told to, 1 failed, 2 wrong settings or usage.`;
