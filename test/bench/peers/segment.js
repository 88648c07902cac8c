import { AnalyticsBrowser } from '@segment/analytics-next';

const { host } = new URL(collector);
const analytics = AnalyticsBrowser.load(
  { writeKey: 'bench', cdnSettings: { integrations: { 'Segment.io': { apiKey: 'bench' } } } },
  { integrations: { 'Segment.io': { apiHost: `${host}/v1`, protocol: 'http' } } },
);
window.bench = {
  identify: (email) => analytics.identify(email, { email }),
  track: (name, tags) => analytics.track(name, { tags }),
};
