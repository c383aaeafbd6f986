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

def declarationJson (env : Environment) (cmd : Elaborated) (n : Name) (c : ConstantInfo)
    (s : Support) : IO Json := do
  return Json.mkObj [("name", nameJson n), ("kind", str (kindStr (ConstantKind.ofConstantInfo c))),
    ("type", str (← ppType env n.getPrefix c.type)),
    ("statement", str (toString (statementHash env c).toNat)),
    ("start", position cmd.start), ("end", position cmd.stop),
    ("axioms", arrOf nameJson s.axioms), ("bodyless", num s.bodylessCount)]

/-- `axioms`: also tell what each declaration rests on; an audit does it itself. -/
def declarationsJson (env : Environment) (axioms : Bool) :
    List Elaborated → Array Json → Supports → IO (Array Json × Supports)
  | [], acc, t => return (acc, t)
  | c :: rest, acc, t => do
    let (acc, t) ← names c c.names acc t
    declarationsJson env axioms rest acc t
where
  names (cmd : Elaborated) : List (Name × ConstantInfo) → Array Json → Supports →
      IO (Array Json × Supports)
    | [], acc, t => return (acc, t)
    | (n, c) :: rest, acc, t => do
      if isListed n c then
        let (s, t) := if axioms then support env n t else ({}, t)
        names cmd rest (acc.push (← declarationJson env cmd n c s)) t
      else names cmd rest acc t

/-! ## The requests -/

/-- An environment, and what its imported constants rest on as far as somebody asked. -/
structure Stored where
  env : Environment
  supports : Supports := {}

/-- Environments by the key that the client gave them. -/
structure Store where
  envs : List (String × Stored) := []
  /-- where the native toolchain keeps its own modules; the embedded one is told in each request -/
  library : List System.FilePath := []

def Store.get (s : Store) (key : String) : Except String Stored :=
  match s.envs.lookup key with
  | some e => .ok e
  | none => .error s!"no environment '{key}'"

def without (key : String) : List (String × Stored) → List (String × Stored)
  | [] => []
  | (k, e) :: rest => if k == key then without key rest else (k, e) :: without key rest

def Store.put (s : Store) (key : String) (e : Stored) : Store :=
  { s with envs := (key, e) :: without key s.envs }

/-- What is known of constants of one text is of no use for another. -/
def Stored.learn (e : Stored) (t : Supports) : Stored :=
  { e with supports := { t with here := .empty } }

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
  return (s.put (getStr j "env") { env }, Json.mkObj [])

def refusedJson (r : Position × String) : Json :=
  Json.mkObj [("start", position r.1), ("reason", str r.2)]

def opElab (j : Json) (s : Store) : IO (Store × Json) := do
  let stored ← IO.ofExcept (s.get (getStr j "env"))
  let limits := limitsOf j
  let session ← run (stored.env.setMainModule (getStr j "module" "_stdin").toName)
    (getStr j "file" "<input>") (getStr j "text") limits
  let result := session.state.env
  let commands := reverse session.commands []
  let messages ← messagesJson (reverse session.messages []) #[]
  let (declarations, supports) ←
    declarationsJson result (getBool j "axioms" true) commands #[] stored.supports
  let (holes, steps) ← holesOf limits commands (#[], #[])
  let refused := match session.refused with
    | [] => false
    | _ => true
  let failed := hasError session.messages || refused
  let olean := getStr j "olean"
  let written := !olean.isEmpty && !failed
  if written then writeModule result ⟨olean⟩
  let keep := getStr j "keep"
  let stored := stored.learn supports
  let s := s.put (getStr j "env") stored
  let s := if keep.isEmpty then s else s.put keep { stored with env := result }
  return (s, Json.mkObj [("messages", messages), ("declarations", Json.arr declarations),
    ("holes", Json.arr holes), ("steps", Json.arr steps),
    ("refused", arrOf refusedJson session.refused), ("written", Json.bool written)])

def opAudit (j : Json) (s : Store) : IO (Store × Json) := do
  let base ← IO.ofExcept (s.get (getStr j "base"))
  let asked := (← IO.ofExcept (s.get (getStr j "asked"))).env
  let given := (← IO.ofExcept (s.get (getStr j "given"))).env
  let names := getStrings j "names"
  let start : Replay := { env := base.env }
  let replayed := all given (newConstants given) start
  let kernel : Json := match replayed with
    | .error e => str e
    | .ok r => match agrees given r.env (newConstants given) with
      | some n => str s!"'{nameStr n}' is not what the kernel generates"
      | none => Json.null
  let (theorems, supports) := each asked given names #[] base.supports
  return (s.put (getStr j "base") (base.learn supports),
    Json.mkObj [("kernel", kernel), ("theorems", Json.arr theorems)])
where
  all (source : Environment) : List (Name × ConstantInfo) → Replay → Except String Replay
    | [], r => .ok r
    | (n, _) :: rest, r => do all source rest (← replay source n r)
  each (asked given : Environment) :
      List String → Array Json → Supports → Array Json × Supports
    | [], acc, t => (acc, t)
    | name :: rest, acc, t =>
      let (s, t) := support given name.toName t
      each asked given rest (acc.push (one asked given name s)) t
  one (asked given : Environment) (name : String) (s : Support) : Json :=
    let n := name.toName
    let verdict := match given.find? n with
      | some (.thmInfo _) => difference asked given [(n, true)] {}
      | some _ => some s!"'{name}' is not a theorem"
      | none => some s!"'{name}' is missing"
    Json.mkObj [("name", str name), ("difference", match verdict with
        | some w => str w
        | none => Json.null),
      ("axioms", arrOf nameJson s.axioms), ("bodyless", num s.bodylessCount)]

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

/-- What went wrong, in words. (`IO.Error.toString` cannot be linked in the embedded build.) -/
def errorText : IO.Error → String
  | .userError text => text
  | .noFileOrDirectory name _ _ => s!"no such file or directory: {name}"
  | .inappropriateType (some name) _ details => s!"{name}: {details}"
  | .permissionDenied (some name) _ details => s!"{name}: {details}"
  | .resourceExhausted (some name) _ details => s!"{name}: {details}"
  | .otherError _ details => details
  | _ => "input or output failed"

def answer (s : Store) (line : String) : IO (Store × Json) := do
  match Json.parse line with
  | .error e => return (s, Json.mkObj [("error", str s!"malformed request: {e}")])
  | .ok j =>
    let started ← IO.monoMsNow
    let (s, body) ← try dispatch j s
      catch e => pure (s, Json.mkObj [("error", str (errorText e))])
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
