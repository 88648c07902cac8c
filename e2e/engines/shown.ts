import type { Pages } from '../pages.ts';

/**
 * Has a page tell its site when it is shown, from the back/forward cache too. To ask a page for it
 * is no way: WebKitGTK never answers where the page that was asked goes into its cache meanwhile.
 */
export const TELL = `<script>
  addEventListener('pageshow', ({ persisted }) => {
    fetch('/shown?' + location.host + location.pathname + (persisted ? ' from the cache' : ''));
  });
</script>`;

/** How often a page that tells was shown; its address, perhaps with ` from the cache` behind. */
export const timesShown = ({ visits }: Pages, address: string): number =>
  visits('/shown').filter(
    ({ url }) => decodeURI(url) === address.replace(/^https?:\/\//, '/shown?'),
  ).length;
