import mixpanel from 'mixpanel-browser/src/loaders/loader-module-core';

mixpanel.init('bench', { api_host: collector });
window.bench = {
  identify(email) {
    mixpanel.identify(email);
    mixpanel.people.set({ $email: email });
  },
  track: (name, tags) => mixpanel.track(name, { tags }),
};
