// A stand-in for a tag manager: once the page has loaded, it makes new script elements of a tag's
// HTML and keeps nothing of the old ones but source and text.
addEventListener('load', () => {
  for (const tagged of document.getElementById('tag').content.querySelectorAll('script')) {
    const script = document.createElement('script');
    if (tagged.src) script.src = tagged.src;
    script.text = tagged.text;
    document.head.append(script);
  }
});
