/**
 * For a tag manager, behind the stub in the same tag: adds the script with the tag's own nonce,
 * which browsers hide from the attribute and keep in the property.
 */
(function (document: Document, script: HTMLScriptElement) {
  script.async = true;
  script.nonce = ((document.currentScript || script) as HTMLScriptElement).nonce || '';
  script.src = '%SCRIPT%';
  document.head.appendChild(script);
})(document, document.createElement('script'));

export {};
