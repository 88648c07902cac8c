import { init, track } from '@plausible-analytics/tracker';

init({
  domain: 'bench.example',
  endpoint: `${collector}/api/event`,
  autoCapturePageviews: false,
  // Without it nothing leaves a page on localhost.
  captureOnLocalhost: true,
});
window.bench = {
  identify: (email) => track('identify', { props: { email } }),
  track: (name, tags) => track(name, { props: { tags: tags.join() } }),
};
