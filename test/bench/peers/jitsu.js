import { jitsuAnalytics } from '@jitsu/js';

const jitsu = jitsuAnalytics({ host: collector, writeKey: 'bench' });
window.bench = {
  identify: (email) => jitsu.identify(email, { email }),
  track: (name, tags) => jitsu.track(name, { tags }),
};
