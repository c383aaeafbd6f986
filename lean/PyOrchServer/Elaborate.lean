import PyOrchServer.Policy
import PyOrchServer.Constants

/-!
# Elaboration of a text
-/

open Lean Elab Command

namespace PyOrchServer

structure Limits where
  heartbeats : Nat
  recursion : Nat
  policy : Bool
  goals : Bool
  steps : Bool
  /-- The kernel sees no declaration: an audit replays them all. -/
  unchecked : Bool

/-- A command that has been elaborated: where it stood, what it declared, what tactics saw. -/
structure Elaborated where
  start : Position
  stop : Position
  names : List (Name × ConstantInfo)
  trees : List InfoTree
  /-- as the command left it -/
  env : Environment

structure Session where
  state : Command.State
  /-- last first; collected command by command, as the elaborator drops them at the end of input -/
  messages : List Message := []
  commands : List Elaborated := []
  refused : List (Position × String) := []

def messageJson (m : Message) : BaseIO Json := do
  let severity := match m.severity with
    | .information => "info"
    | .warning => "warning"
    | .error => "error"
  let text ← m.data.toString
  let stop := match m.endPos with
    | some p => position p
    | none => Json.null
  return Json.mkObj [("severity", str severity), ("start", position m.pos), ("end", stop),
    ("kind", nameJson m.data.kind), ("text", str text)]

def messagesJson : List Message → Array Json → BaseIO Json
  | [], acc => return Json.arr acc
  | m :: rest, acc => do messagesJson rest (acc.push (← messageJson m))

def hasError : List Message → Bool
  | [] => false
  | m :: rest => match m.severity with
    | .error => true
    | _ => hasError rest

partial def reportTasks (tree : Language.SnapshotTree) (log : MessageLog) : MessageLog :=
  children tree.children.toList (log ++ tree.element.diagnostics.msgLog)
where
  children : List (Language.SnapshotTask Language.SnapshotTree) → MessageLog → MessageLog
    | [], log => log
    | t :: rest, log => children rest (reportTasks t.task.get log)

/-- Messages that a command left in tasks rather than in its log. -/
def drain : List (Language.SnapshotTask Language.SnapshotTree) → MessageLog → MessageLog
  | [], log => log
  | t :: rest, log => drain rest (reportTasks t.task.get log)

partial def elabCommands (ictx : Parser.InputContext) (limits : Limits)
    (ps : Parser.ModuleParserState) (s : Session) : IO Session := do
  let scope := match s.state.scopes with
    | scope :: _ => scope
    | [] => { header := "" }
  let pmctx : Parser.ParserModuleContext :=
    { env := s.state.env, options := scope.opts, currNamespace := scope.currNamespace,
      openDecls := scope.openDecls }
  let start := ictx.fileMap.toPosition ps.pos
  let (stx, ps, log) := Parser.parseCommand ictx pmctx ps {}
  let start := match stx.getPos? with
    | some p => ictx.fileMap.toPosition p
    | none => start
  let s := { s with messages := reverse log.toList s.messages }
  if limits.policy then
    if let some why := commandRefusal stx then
      -- nothing after a refused command is elaborated either: later meaning may depend on it
      return { s with refused := (start, why) :: s.refused }
  let ctx : Command.Context :=
    { fileName := ictx.fileName, fileMap := ictx.fileMap, cmdPos := ps.pos, snap? := none,
      cancelTk? := none }
  let ref ← ST.mkRef { s.state with messages := {}, snapshotTasks := #[] }
  match ← (elabCommandTopLevel stx ctx ref).toBaseIO with
  | .ok _ => pure ()
  | .error e =>
    let text ← e.toMessageData.toString
    let message : Message :=
      { fileName := ictx.fileName, pos := start, data := text, severity := .error }
    ref.modify fun st => { st with messages := st.messages.add message }
  let state ← ref.get
  let log := drain state.snapshotTasks.toList state.messages
  let fresh := addedConstants s.state.env state.env
  let trees := if limits.goals || limits.steps then arrayList state.infoState.trees else []
  let infoState := { enabled := limits.goals || limits.steps }
  let state := { state with messages := {}, snapshotTasks := #[], infoState }
  let s := { s with state, messages := reverse log.toList s.messages, commands :=
    { start, stop := ictx.fileMap.toPosition ps.pos, names := fresh, trees,
      env := state.env } :: s.commands }
  if Parser.isTerminalCommand stx then return s
  else elabCommands ictx limits ps s

/-- Where the first command begins: a text of nothing but blanks and comments has none, which the
parser of commands takes for an error. -/
def beginning (env : Environment) (ictx : Parser.InputContext) : Parser.ModuleParserState :=
  let after := Parser.ParserFn.run Parser.whitespace ictx { env, options := {} }
    (Parser.getTokenTable env) (Parser.mkParserState ictx.inputString)
  -- a comment without an end is an error that the parser of commands reports
  if after.hasError then {} else { pos := after.pos }

def run (env : Environment) (fileName text : String) (limits : Limits) : IO Session := do
  let ictx : Parser.InputContext :=
    { inputString := text, fileName, fileMap := FileMap.ofString text, endPos := text.rawEndPos,
      endPos_valid := by simp }
  let opts : Options := {}
  let opts := opts.setNat `maxHeartbeats limits.heartbeats
  let opts := opts.setNat `maxRecDepth limits.recursion
  let opts := if limits.unchecked then opts.setBool `debug.skipKernelTC true else opts
  let state := Command.mkState env {} opts
  let state := { state with
    maxRecDepth := limits.recursion, infoState := { enabled := limits.goals || limits.steps } }
  elabCommands ictx limits (beginning env ictx) { state }

end PyOrchServer
