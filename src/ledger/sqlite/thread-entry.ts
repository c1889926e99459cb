/**
 * Where the thread's compiled file is. Node 20 starts no worker from a `.ts` file (style.md 8), so a module that runs
 * from `src` (a test) looks into `dist`, which every test script builds first.
 */
export function threadEntry(moduleUrl: string): URL {
  const url = new URL('./thread.js', moduleUrl);
  if (!moduleUrl.endsWith('.ts')) return url;
  const at = url.pathname.lastIndexOf('/src/');
  url.pathname = `${url.pathname.slice(0, at)}/dist/${url.pathname.slice(at + '/src/'.length)}`;
  return url;
}
