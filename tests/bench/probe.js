// In the page, before anything of its own: from a key to the total in the DOM, and to the total the server agrees with.
// A page without `data-state` on its total has only one of the two.
(() => {
  let found = null;
  const total = () => (found?.isConnected ? found : (found = document.querySelector('[data-testid="total"]')));
  const settled = [];
  let was = "", key = 0, local = 0, confirmed = 0;
  const look = () => {
    const box = total();
    if (!box || !key || confirmed) return;
    const now = performance.now();
    if (!local && box.textContent !== was && box.textContent !== "") local = now;
    const state = box.dataset.state;
    if (local && (state === undefined || state === "confirmed")) {
      confirmed = now;
      settled.splice(0).forEach((tell) => tell());
    }
  };
  const begin = () => {
    was = total()?.textContent ?? "";
    local = confirmed = 0;
    key = performance.now();
  };
  const watch = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["data-state"] };
  new MutationObserver(look).observe(document, watch);
  addEventListener("keydown", begin, true);
  // from each key to the next paint, in steps of 8 ms, none below 16 (Event Timing, W3C)
  const paints = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name === "keydown") paints.push(entry.duration);
  }).observe({ type: "event", durationThreshold: 16 });
  const pause = (ms) => new Promise((go) => setTimeout(go, ms));
  window.bench = {
    paints: () => paints.splice(0),
    // [ms to the page's own total, ms to the confirmed one] of the last key, null where none came in 10 s
    settled: async (rest) => {
      if (!confirmed) await Promise.race([new Promise((tell) => settled.push(tell)), pause(10000)]);
      const took = confirmed ? [local - key, confirmed - key] : null;
      await pause(rest);
      return took;
    },
    // ms from the start of the visit until an edit was taken, by the page and by the server: tries every 20 ms
    firstEdit: async (name) => {
      const ready = () => document.getElementsByName(name)[0] && total() && (total().dataset.state === undefined || total().textContent);
      while (!ready()) await pause(2);
      begin();
      for (let n = 1; n < 500 && !local; n++) {
        const box = document.getElementsByName(name)[0];
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(box, String(1000 + n));
        box.dispatchEvent(new Event("input", { bubbles: true }));
        await pause(20);
      }
      if (!confirmed) await Promise.race([new Promise((tell) => settled.push(tell)), pause(10000)]);
      return [local, confirmed];
    },
  };
})();
