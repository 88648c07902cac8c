window.bench = {
  identify: (email) => sendx('identify', { email }),
  track: (name, tags) => sendx('track', { addTags: [name, ...tags] }),
};
