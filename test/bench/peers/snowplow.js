import { newTracker, setUserId, trackStructEvent } from '@snowplow/browser-tracker';

newTracker('bench', collector, { appId: 'bench' });
window.bench = {
  identify: (email) => setUserId(email),
  track: (name, tags) => trackStructEvent({ category: 'tags', action: name, label: tags.join() }),
};
