// Many changes, one paint: the last of what was asked for under a name is done before the next frame. In a hidden page,
// where there are no frames, four times a second.

const waiting = new Map<string, () => void>();

export function onFrame(name: string, run: () => void): void {
  const first = waiting.size === 0;
  waiting.set(name, run);
  if (!first) return;
  const flush = (): void => {
    const all = [...waiting.values()];
    waiting.clear();
    for (const one of all) one();
  };
  if (document.hidden) setTimeout(flush, 250);
  else {
    // A page hidden between the request and the frame would wait for ever.
    let done = false;
    const once = (): void => {
      if (done) return;
      done = true;
      flush();
    };
    requestAnimationFrame(once);
    setTimeout(once, 300);
  }
}
