import { Builder, By, Capabilities, Key, type WebDriver } from 'selenium-webdriver';
import type { WebKitGtk } from '../findBrowser.ts';
import { contentProcesses, kill } from './contentProcesses.ts';
import type { Engine, Tab } from './engine.ts';
import { startWebKitDriver } from './webkitDriver.ts';

/** Starts WebKitGTK's MiniBrowser, driven by WebDriver on a display that nobody sees. */
export async function startWebdriverEngine(found: WebKitGtk): Promise<Engine> {
  const driver = await startWebKitDriver(found);
  const capabilities = new Capabilities({
    browserName: 'MiniBrowser',
    pageLoadStrategy: 'normal',
    'webkitgtk:browserOptions': { binary: found.browser, args: ['--automation'] },
  });
  const session: WebDriver = await new Builder()
    .usingServer(driver.url)
    .withCapabilities(capabilities)
    .build();
  // The session ends with its last window, so one stays.
  const keeper = await session.getWindowHandle();
  const keepers = contentProcesses();
  const lost = { handles: new Set<string>(), processes: new Set<number>() };
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
    type: (text) =>
      inWindow(handle, () =>
        session.actions().sendKeys(text.replaceAll('\n', Key.ENTER)).perform(),
      ),
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
        if (
          handle !== keeper &&
          handle !== (kept && handles.get(kept)) &&
          !lost.handles.has(handle)
        )
          await inWindow(handle, () => session.close());
    },
    // The first page that crashes ends the session. One that is stopped for good says no more either.
    async crash() {
      for (const handle of await session.getAllWindowHandles())
        if (handle !== keeper) lost.handles.add(handle);
      for (const id of contentProcesses())
        if (!keepers.includes(id) && process.kill(id, 'SIGSTOP')) lost.processes.add(id);
    },
    async close() {
      await session.quit();
      await kill([...lost.processes]);
      await driver.close();
    },
  };
}
