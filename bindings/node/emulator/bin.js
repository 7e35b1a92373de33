#!/usr/bin/env node
// Runs the program in this one's place: its input and output, its signals, its exit code.
'use strict';

const { spawn } = require('node:child_process');

function fail(error) {
  console.error(`stytch-m2m-emulator: ${error.message}`);
  process.exit(1);
}

function program() {
  try {
    return require('./index.js').program;
  } catch (error) {
    return fail(error);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const child = spawn(program(), process.argv.slice(2), { stdio: 'inherit' });
for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
child.on('error', fail);
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code);
  SIGNALS.forEach((name) => process.removeAllListeners(name));
  process.kill(process.pid, signal);
});
