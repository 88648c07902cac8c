import { RudderAnalytics } from '@rudderstack/analytics-js/bundled';

const rudder = new RudderAnalytics();
rudder.load('bench-write-key-of-27-signs', collector, {
  getSourceConfig: () => ({
    source: {
      id: 'bench',
      name: 'bench',
      writeKey: 'bench-write-key-of-27-signs',
      enabled: true,
      config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
      destinations: [],
      dataplanes: {},
    },
  }),
});
window.bench = {
  identify: (email) => rudder.identify(email, { email }),
  track: (name, tags) => rudder.track(name, { tags }),
};
