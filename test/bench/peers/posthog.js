import { posthog } from 'posthog-js/dist/module.slim.no-external';

posthog.init('bench', {
  api_host: collector,
  autocapture: false,
  capture_pageview: false,
  capture_pageleave: false,
  disable_session_recording: true,
  disable_surveys: true,
  advanced_disable_flags: true,
  // It keeps silent in browsers that are driven.
  opt_out_useragent_filter: true,
});
window.bench = {
  identify: (email) => posthog.identify(email, { email }),
  track: (name, tags) => posthog.capture(name, { tags }),
};
