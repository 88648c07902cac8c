import { Builder, By, Capabilities, type WebDriver } from 'selenium-webdriver';
import type { WebKitGtk } from '../findBrowser.ts';
import type { Engine, Tab } from './engine.ts';
import { startWebKitDriver } from './webkitDriver.ts';

/** Starts WebKitGTK's MiniBrowser, driven by WebDriver on a display that nobody sees. */
export async function startWebdriverEngine(found: WebKitGtk): Promise<Engine> {
  const driver = await startWebKitDriver(found);
  const capabilities = new Capabilities({
    browserName: 'MiniBrowser',
    pageLoadStrategy: 'eager',
    'webkitgtk:browserOptions': { binary: found.browser, args: ['--automation'] },
  });
  const session: WebDriver = await new Builder()
    .usingServer(driver.url)
    .withCapabilities(capabilities)
    .build();
  // The session ends with its last window, so one stays.
  const keeper = await session.getWindowHandle();
  const version = (await session.getCapabilities()).get('browserVersion');

  let last: Promise<unknown> = Promise.resolve();
  /** A session has one window at a time that commands go to: they take turns. */
  const inWindow = <Result>(handle: string, act: () => Promise<Result>): Promise<Result> => {
    const turn = last.then(async () => {
      await session.switchTo().window(handle);
      return act();
    });
    last = turn.catch(() => {});
    return turn;
  };

  const handles = new WeakMap<Tab, string>();
  const tabOf = (handle: string): Tab => ({
    visit: (address) => inWindow(handle, () => session.get(address)),
    run: (expression) => inWindow(handle, () => session.executeScript(`return (${expression}\n)`)),
    click: (selector) => inWindow(handle, () => session.findElement(By.css(selector)).click()),
    type: (selector, text) =>
      inWindow(handle, () => session.findElement(By.css(selector)).sendKeys(text)),
    close: () => inWindow(handle, () => session.close()),
  });

  return {
    version: `WebKitGTK ${version}`,
    open: () =>
      inWindow(keeper, async () => {
        // MiniBrowser blocks the pop-ups of tabs that a driver opened, not those of windows.
        await session.switchTo().newWindow('window');
        const handle = await session.getWindowHandle();
        const tab = tabOf(handle);
        handles.set(tab, handle);
        return tab;
      }),
    async sweep(kept) {
      const all = await inWindow(keeper, () => session.getAllWindowHandles());
      for (const handle of all)
        if (handle !== keeper && !(kept && handle === handles.get(kept)))
          await inWindow(handle, () => session.close());
    },
    async close() {
      await session.quit();
      await driver.close();
    },
  };
}
