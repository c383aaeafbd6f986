// Stands before lean.js as it is installed, on the main thread and on the worker: what its repairs
// (pyorch/lean/loader.py) call.
const pyorch = (() => {
  'use strict';
  const load = (base64, imports) =>
    new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(base64, 'base64')), imports).exports;
  // Of pyorch/lean/invoke.py, where it is said what they are for.
  const { table, ...stubs } = load('@STUBS@');
  const slow = {};

  // Before lean.wasm is instantiated: it imports the stubs.
  function stubInvokes(imports) {
    for (const name in stubs) {
      slow[name] = imports[name];
      imports[name] = stubs[name];
    }
  }

  // After that. `caught` looks at what was thrown: C++ throws numbers; anything else goes on.
  function linkInvokes(exports) {
    const caught = (thrown) => {
      if (thrown !== thrown + 0) throw thrown;
      exports.setThrew(1, 0);
    };
    const lean = {
      table: exports.__indirect_function_table,
      pointer: exports.__stack_pointer,
      tag: WebAssembly.JSTag,
      caught,
    };
    const calls = load('@CALLS@', { lean, slow });
    Object.values(calls).forEach((call, place) => table.set(place, call));
  }

  // Where a symbol is: its place in the table, or its address. The file (pyorch/lean/exports.py) has
  // lines `NAME VALUE`, sorted by the bytes of the name.
  let symbols;

  function findSymbol(file, name) {
    symbols ??= require('fs').readFileSync(file);
    const wanted = Buffer.from(`${name} `);
    let low = 0;
    let high = symbols.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = middle === 0 ? 0 : symbols.lastIndexOf(10, middle - 1) + 1;
      const end = symbols.indexOf(10, start);
      const space = symbols.lastIndexOf(32, end) + 1;
      const order = symbols.compare(wanted, 0, wanted.length, start, space);
      if (order === 0) return Number(symbols.latin1Slice(space, end));
      if (order > 0) high = start;
      else low = end + 1;
    }
    return undefined;
  }

  return { stubInvokes, linkInvokes, findSymbol };
})();
