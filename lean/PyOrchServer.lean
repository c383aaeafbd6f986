import PyOrchServer.Replay
import PyOrchServer.Goals
import PyOrchServer.Modules
import PyOrchServer.Steps
import PyOrchServer.Theorems
import PyOrchServer.Pose
import PyOrchServer.Sorries

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
    ("axioms", arrOf nameJson s.axioms), ("bodyless", num s.bodylessCount),
    ("shape", str (if kindOf env n c == .thm then shapeOf c.type else ""))]

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

/-- Declarations with what they have to do with `sorry`. -/
def surveyJson : List Surveyed → Array Json → IO (Array Json)
  | [], acc => return acc
  | d :: rest, acc => do
    let range : Elaborated :=
      { start := d.start, stop := d.stop, names := [], trees := [], env := d.env }
    let json ← declarationJson d.env range d.name d.info d.support
    let json := json.setObjVal! "direct" (Json.bool d.direct)
    let json := json.setObjVal! "through" (arrOf nameJson d.through)
    surveyJson rest (acc.push json)

/-! ## The requests -/

/-- An environment, and what its imported constants rest on as far as somebody asked. -/
structure Stored where
  env : Environment
  supports : Supports := {}

/-- Environments and sessions by the keys that the client gave them. -/
structure Store where
  envs : List (String × Stored) := []
  sessions : List (String × Steps) := []
  /-- what was read for `import Init` -/
  init : Option ImportState := none
  /-- where the native toolchain keeps its own modules; the embedded one is told in each request -/
  library : List System.FilePath := []

def Store.get (s : Store) (key : String) : Except String Stored :=
  match s.envs.lookup key with
  | some e => .ok e
  | none => .error s!"no environment '{key}'"

def without {α : Type} (key : String) : List (String × α) → List (String × α)
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
    policy := !(getBool j "trusted"), goals := getBool j "goals", steps := getBool j "steps",
    unchecked := getBool j "unchecked" }

def opInfo : Json :=
  Json.mkObj [("version", str versionString), ("githash", str githash),
    ("embedded", Json.bool System.Platform.isEmscripten)]

/-- What `import Init` reads: most of the memory of an environment, so it is read once. -/
def readInit (s : Store) : IO ImportState := do
  match s.init with
  | some read => return read
  | none =>
    -- Lean's way of saying that no `initialize` of an imported module is to run
    let _ ← importModules #[] {}
    return (← (importModulesCore #[{ module := `Init }]).run default).2

/-- Among these is all of `Init`. -/
def importInit : List Import → Bool
  | [] => false
  | i :: rest => i.module == `Init || importInit rest

/-- Reads modules, and keeps them as an environment. Without `extensions`, no code of theirs runs:
what they declare is there, and none of their notation, attributes and tactics. -/
def loadModules (j : Json) (s : Store) (imports : Array Import) (extensions : Bool) :
    IO (Store × Json) := do
  searchPathRef.set (append (toPaths (getStrings j "path")) s.library)
  let init ← readInit s
  let start := if importInit imports.toList then init else default
  let (_, read) ← (importModulesCore imports).run start
  let env ← finalizeImport read imports {} (leakEnv := false) (loadExts := extensions)
  return ({ s.put (getStr j "env") { env } with init }, Json.mkObj [])

def opLoad (j : Json) (s : Store) : IO (Store × Json) :=
  loadModules j s (toImports (getStrings j "modules") #[]) (getBool j "extensions" true)

/-- The modules of Lean and of our library. -/
def libraryImports : List Name → Array Import → Array Import
  | [], acc => acc
  | m :: rest, acc =>
    let ours := standardRoots.contains m.getRoot || m.getRoot == `PyOrch
    libraryImports rest (if ours then acc.push { module := m } else acc)

/-- Loads what another environment has of Lean's library and ours: that on which modules of the
user's are replayed. -/
def opBase (j : Json) (s : Store) : IO (Store × Json) := do
  let of := (← IO.ofExcept (s.get (getStr j "of"))).env
  loadModules j s (libraryImports of.header.moduleNames.toList #[]) false

def refusedJson (r : Position × String) : Json :=
  Json.mkObj [("start", position r.1), ("reason", str r.2)]

def opElab (j : Json) (s : Store) : IO (Store × Json) := do
  let stored ← IO.ofExcept (s.get (getStr j "env"))
  let limits := limitsOf j
  let session ← run (stored.env.setMainModule (getStr j "module" (nameStr textModule)).toName)
    (getStr j "file" "<input>") (getStr j "text") limits
  let result := session.state.env
  let commands := reverse session.commands []
  let messages ← messagesJson (reverse session.messages []) #[]
  let (declarations, supports) ←
    if getBool j "survey" then
      let (found, supports) := surveyAll result commands [] stored.supports
      pure (← surveyJson (reverse found []) #[], supports)
    else if getBool j "declarations" true then
      declarationsJson result (getBool j "axioms" true) commands #[] stored.supports
    else pure (#[], stored.supports)
  let (holes, steps) ← holesOf limits commands (#[], #[])
  let refused := match session.refused with
    | [] => false
    | _ => true
  let failed := hasError session.messages || refused
  let olean := getStr j "olean"
  let written := !olean.isEmpty && !failed
  if written then writeCompiled result ⟨olean⟩
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
  -- where the text is imported, its constants are no imports that other texts will have, too
  let compiled := (textModuleIdx? given).isSome
  let (theorems, supports) := each asked given names #[] (if compiled then {} else base.supports)
  return (if compiled then s else s.put (getStr j "base") (base.learn supports),
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

/-! ## Tactic steps -/

def Store.keep (s : Store) (session : String) (t : Steps) : Store :=
  { s with sessions := (session, t) :: without session s.sessions }

def opOpen (j : Json) (s : Store) : IO (Store × Json) := do
  let stored ← IO.ofExcept (s.get (getStr j "env"))
  let name := getStr j "session"
  let before := (s.sessions.lookup name).getD {}
  let (session, holes, after) ← openText stored.env (getStr j "text") (limitsOf j) before
  let messages ← messagesJson (reverse session.messages []) #[]
  return (s.keep name after, Json.mkObj [("messages", messages), ("holes", Json.arr holes),
    ("refused", arrOf refusedJson session.refused)])

def opTry (tell : Json → IO Unit) (j : Json) (s : Store) : IO (Store × Json) := do
  let name := getStr j "session"
  match s.sessions.lookup name with
  | none => return (s, Json.mkObj [("lost", Json.bool true)])
  | some t =>
    match t.states.find? (getNat j "state" 0) with
    | none => return (s, Json.mkObj [("lost", Json.bool true)])
    | some state =>
      let limits := limitsOf j
      let state := withLimits state limits.heartbeats limits.recursion
      let after ← steps tell state (getStrings j "tactics") t
      return (s.keep name after, Json.mkObj [("lost", Json.bool false)])

/-- The answer says how many states are left. -/
def opRelease (j : Json) (s : Store) : Store × Json :=
  let name := getStr j "session"
  match s.sessions.lookup name with
  | none => (s, Json.mkObj [("left", num 0)])
  | some t =>
    let t := { t with states := eraseAll (getNats j "states") t.states }
    (s.keep name t, Json.mkObj [("left", num t.states.count)])
where
  eraseAll : List Nat → States → States
    | [], states => states
    | k :: rest, states => eraseAll rest (states.erase k)

def opClose (j : Json) (s : Store) : Store × Json :=
  ({ s with sessions := without (getStr j "session") s.sessions }, Json.mkObj [])

def opTheorems (j : Json) (s : Store) : IO (Store × Json) := do
  let stored ← IO.ofExcept (s.get (getStr j "env"))
  return (s, Json.mkObj [("theorems", str (theorems stored.env))])

def opHomes (j : Json) (s : Store) : IO (Store × Json) := do
  let stored ← IO.ofExcept (s.get (getStr j "env"))
  let (modules, theorems) := homes stored.env 0 "" ""
  return (s, Json.mkObj [("modules", str modules), ("theorems", str theorems)])

def opPose (j : Json) (s : Store) : IO (Store × Json) := do
  let source ← IO.ofExcept (s.get (getStr j "source"))
  let target ← IO.ofExcept (s.get (getStr j "env"))
  let session := getStr j "session"
  let (result, holes, after) ← pose source.env target.env (getStr j "name").toName
    (getStr j "text") (limitsOf j) ((s.sessions.lookup session).getD {})
  let messages ← messagesJson (reverse result.messages []) #[]
  let answer := match holes with
    | .error why => [("error", str why)]
    | .ok holes => [("messages", messages), ("holes", Json.arr holes),
      ("refused", arrOf refusedJson result.refused)]
  return (s.keep session after, Json.mkObj answer)

def dispatch (tell : Json → IO Unit) (j : Json) (s : Store) : IO (Store × Json) :=
  match getStr j "op" with
  | "info" => return (s, opInfo)
  | "load" => opLoad j s
  | "base" => opBase j s
  | "elab" => opElab j s
  | "audit" => opAudit j s
  | "forget" => return opForget j s
  | "open" => opOpen j s
  | "try" => opTry tell j s
  | "release" => return opRelease j s
  | "close" => return opClose j s
  | "theorems" => opTheorems j s
  | "homes" => opHomes j s
  | "pose" => opPose j s
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

def answer (tell : Json → IO Unit) (s : Store) (line : String) : IO (Store × Json) := do
  match Json.parse line with
  | .error e => return (s, Json.mkObj [("error", str s!"malformed request: {e}")])
  | .ok j =>
    let started ← IO.monoMsNow
    let number := num (getNat j "id" 0)
    let part (j : Json) : IO Unit := tell (Json.mkObj [("id", number), ("part", j)])
    let (s, body) ← try dispatch part j s
      catch e => pure (s, Json.mkObj [("error", str (errorText e))])
    let ms := (← IO.monoMsNow) - started
    return (s, (body.setObjVal! "id" number).setObjVal! "ms" (num ms))

/-- Frames are told from what elaborated code may print by a marker that the client chose. -/
def send (out : IO.FS.Stream) (marker : String) (j : Json) : IO Unit := do
  -- the leading newline ends a line that elaborated code may have begun
  out.putStr ("\n" ++ marker ++ j.compress ++ "\n")
  out.flush

partial def serve (input output : IO.FS.Stream) (marker : String) (s : Store) : IO Unit := do
  let line ← input.getLine
  if line.isEmpty then IO.Process.exit 0
  let (s, j) ← answer (send output marker) s line
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
