// Writes down what the snippet says of each call, in the order of the words.
addEventListener('DOMContentLoaded', () => {
  const log = document.getElementById('log');
  window.sendx('on', '*', ({ event, id, reason }) => {
    const item = document.createElement('li');
    item.textContent = [event, id, reason].filter(Boolean).join(' ');
    log.append(item);
  });
});
