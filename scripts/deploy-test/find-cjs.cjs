// The emulator asks for a function's file without its ending, as Lambda does, and Node knows no ending `.cjs` by itself.
const Module = require('node:module');

Module._extensions['.cjs'] ??= Module._extensions['.js'];
