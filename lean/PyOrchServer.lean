import PyOrchServer.Replay
import PyOrchServer.Goals

/-!
# The proof server

One request a line on standard input, one framed answer a line on standard output: JSON both ways.
`docs/protocol.md` describes every field. The same source runs natively (`lake exe pyorch-server`)
and under the embedded WebAssembly build.

Everything runs on the thread that reads requests: no tasks, so an answer never waits for a worker.
-/

open Lean Elab Command

namespace PyOrchServer

/-- A type as one reads it inside the namespace `ns`. -/
def ppType (env : Environment) (ns : Name) (e : Expr) : IO String := do
  let ci : ContextInfo := { env, fileMap := FileMap.ofString "", ngen := {}, currNamespace := ns }
  match ← runMeta ci {} {} (do return (← Meta.ppExpr e).pretty) with
  | some s => return s
  | none => return "<not printable>"

/-- Auxiliary constants (equations, recursors, matchers …) are not listed. -/
def isListed (n : Name) (c : ConstantInfo) : Bool :=
  !n.isInternalDetail && match c with
    | .defnInfo _ | .thmInfo _ | .axiomInfo _ | .opaqueInfo _ | .inductInfo _ => true
    | _ => false

/-- `axioms`: walk everything below each constant? It costs 10 ms each; an audit does it itself. -/
def declarationJson (env : Environment) (axioms : Bool) (cmd : Elaborated) (n : Name)
    (c : ConstantInfo) : IO Json := do
  let s := if axioms then support env [n] {} else {}
  return Json.mkObj [("name", nameJson n), ("kind", str (kindStr (ConstantKind.ofConstantInfo c))),
    ("type", str (← ppType env n.getPrefix c.type)),
    ("statement", str (toString (statementHash env c).toNat)),
    ("start", position cmd.start), ("end", position cmd.stop),
    ("axioms", arrOf nameJson s.axioms), ("bodyless", num s.bodyless)]

def declarationsJson (env : Environment) (axioms : Bool) :
    List Elaborated → Array Json → IO (Array Json)
  | [], acc => return acc
  | c :: rest, acc => do declarationsJson env axioms rest (← names c c.names acc)
where
  names (cmd : Elaborated) : List (Name × ConstantInfo) → Array Json → IO (Array Json)
    | [], acc => return acc
    | (n, c) :: rest, acc => do
      let acc ← if isListed n c then pure (acc.push (← declarationJson env axioms cmd n c))
        else pure acc
      names cmd rest acc

/-! ## The requests -/

/-- Environments by the key that the client gave them. -/
structure Store where
  envs : List (String × Environment) := []
  /-- where the native toolchain keeps its own modules; the embedded one is told in each request -/
  library : List System.FilePath := []

def Store.get (s : Store) (key : String) : Except String Environment :=
  match s.envs.lookup key with
  | some e => .ok e
  | none => .error s!"no environment '{key}'"

def without (key : String) : List (String × Environment) → List (String × Environment)
  | [] => []
  | (k, e) :: rest => if k == key then without key rest else (k, e) :: without key rest

def Store.put (s : Store) (key : String) (e : Environment) : Store :=
  { s with envs := (key, e) :: without key s.envs }

def toImports : List String → Array Import → Array Import
  | [], acc => acc
  | m :: rest, acc => toImports rest (acc.push { module := m.toName })

def toPaths : List String → List System.FilePath
  | [] => []
  | p :: rest => ⟨p⟩ :: toPaths rest

def limitsOf (j : Json) : Limits :=
  { heartbeats := getNat j "heartbeats" 200000 * 1000, recursion := getNat j "recursion" 512,
    policy := !(getBool j "trusted"), goals := getBool j "goals", steps := getBool j "steps" }

def opInfo : Json :=
  Json.mkObj [("version", str versionString), ("githash", str githash),
    ("embedded", Json.bool System.Platform.isEmscripten)]

def opLoad (j : Json) (s : Store) : IO (Store × Json) := do
  searchPathRef.set (append (toPaths (getStrings j "path")) s.library)
  let env ← importModules (toImports (getStrings j "modules") #[]) {} (loadExts := true)
  return (s.put (getStr j "env") env, Json.mkObj [])

def refusedJson (r : Position × String) : Json :=
  Json.mkObj [("start", position r.1), ("reason", str r.2)]

def opElab (j : Json) (s : Store) : IO (Store × Json) := do
  let env ← IO.ofExcept (s.get (getStr j "env"))
  let limits := limitsOf j
  let session ← run (env.setMainModule (getStr j "module" "_stdin").toName)
    (getStr j "file" "<input>") (getStr j "text") limits
  let result := session.state.env
  let commands := reverse session.commands []
  let messages ← messagesJson (reverse session.messages []) #[]
  let declarations ← declarationsJson result (getBool j "axioms" true) commands #[]
  let (holes, steps) ← holesOf limits commands (#[], #[])
  let refused := match session.refused with
    | [] => false
    | _ => true
  let failed := hasError session.messages || refused
  let olean := getStr j "olean"
  let written := !olean.isEmpty && !failed
  if written then writeModule result ⟨olean⟩
  let keep := getStr j "keep"
  let s := if keep.isEmpty then s else s.put keep result
  return (s, Json.mkObj [("messages", messages), ("declarations", Json.arr declarations),
    ("holes", Json.arr holes), ("steps", Json.arr steps),
    ("refused", arrOf refusedJson session.refused), ("written", Json.bool written)])

def opAudit (j : Json) (s : Store) : IO (Store × Json) := do
  let base ← IO.ofExcept (s.get (getStr j "base"))
  let asked ← IO.ofExcept (s.get (getStr j "asked"))
  let given ← IO.ofExcept (s.get (getStr j "given"))
  let names := getStrings j "names"
  let start : Replay := { env := base }
  let replayed := all given (newConstants given) start
  let kernel : Json := match replayed with
    | .error e => str e
    | .ok r => match agrees given r.env (newConstants given) with
      | some n => str s!"'{nameStr n}' is not what the kernel generates"
      | none => Json.null
  return (s, Json.mkObj [("kernel", kernel), ("theorems", arrOf (one asked given) names)])
where
  all (source : Environment) : List (Name × ConstantInfo) → Replay → Except String Replay
    | [], r => .ok r
    | (n, _) :: rest, r => do all source rest (← replay source n r)
  one (asked given : Environment) (name : String) : Json :=
    let n := name.toName
    let s := support given [n] {}
    let verdict := match given.find? n with
      | some (.thmInfo _) => difference asked given [(n, true)] {}
      | some _ => some s!"'{name}' is not a theorem"
      | none => some s!"'{name}' is missing"
    Json.mkObj [("name", str name), ("difference", match verdict with
        | some w => str w
        | none => Json.null),
      ("axioms", arrOf nameJson s.axioms), ("bodyless", num s.bodyless)]

def opForget (j : Json) (s : Store) : Store × Json :=
  ({ s with envs := without (getStr j "env") s.envs }, Json.mkObj [])

def dispatch (j : Json) (s : Store) : IO (Store × Json) :=
  match getStr j "op" with
  | "info" => return (s, opInfo)
  | "load" => opLoad j s
  | "elab" => opElab j s
  | "audit" => opAudit j s
  | "forget" => return opForget j s
  | op => throw (IO.userError s!"unknown operation '{op}'")

def answer (s : Store) (line : String) : IO (Store × Json) := do
  match Json.parse line with
  | .error e => return (s, Json.mkObj [("error", str s!"malformed request: {e}")])
  | .ok j =>
    let started ← IO.monoMsNow
    let (s, body) ← try dispatch j s
      catch e => pure (s, Json.mkObj [("error", str (toString e))])
    let ms := (← IO.monoMsNow) - started
    return (s, (body.setObjVal! "id" (num (getNat j "id" 0))).setObjVal! "ms" (num ms))

/-- Frames are told from what elaborated code may print by a marker that the client chose. -/
def send (out : IO.FS.Stream) (marker : String) (j : Json) : IO Unit := do
  -- the leading newline ends a line that elaborated code may have begun
  out.putStr ("\n" ++ marker ++ j.compress ++ "\n")
  out.flush

partial def serve (input output : IO.FS.Stream) (marker : String) (s : Store) : IO Unit := do
  let line ← input.getLine
  if line.isEmpty then IO.Process.exit 0
  let (s, j) ← answer s line
  send output marker j
  serve input output marker s

end PyOrchServer

def dropNewline (s : String) : String := String.ofList (go s.toList)
where
  go : List Char → List Char
    | [] => []
    | c :: rest => if c == '\n' then [] else c :: go rest

/-- The first line on standard input is the marker of every frame. -/
def main : IO Unit := do
  let input ← IO.getStdin
  let output ← IO.getStdout
  let marker := dropNewline (← input.getLine)
  PyOrchServer.send output marker PyOrchServer.opInfo
  let library ← if System.Platform.isEmscripten then pure []
    else do
      initSearchPath (← findSysroot)
      searchPathRef.get
  PyOrchServer.serve input output marker { library }
