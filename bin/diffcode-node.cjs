#!/usr/bin/env node
// CommonJS on purpose: libuv reads the pool size before the first ES module is loaded.
process.env.UV_THREADPOOL_SIZE ??= '16';
import('../dist/cli/main.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error(`diffcode-node: ${error.message}\nNot built or not installed: run "npm ci", then "npm run build".`);
  process.exitCode = 1;
});
