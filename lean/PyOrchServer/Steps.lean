import PyOrchServer.Tactics

/-!
# Tactic steps as requests

Answers in JSON, and the states at each `sorry` of a text.
-/

open Lean Elab Command

namespace PyOrchServer

/-! ## Answers -/

def namesJson : List Name → Array Json → Json
  | [], acc => Json.arr acc
  | n :: rest, acc => namesJson rest (acc.push (nameJson n))

/-- A goal as it is printed. -/
structure Page where
  decl : MetavarDecl
  /-- of the hole, since options and open namespaces may differ between holes -/
  place : Nat
  fvars : Array Expr
  /-- constants that are called as the local variables are printed -/
  names : Array Expr

def localNames (place : Nat) : List (Option LocalDecl) → Array Expr → Array Expr
  | [], acc => acc
  | none :: rest, acc => localNames place rest acc
  | some d :: rest, acc => localNames place rest (acc.push (.const (.num d.userName place) []))

def pageOf (place : Nat) (opts : Options) (decl : MetavarDecl) : Page :=
  let fvars := decl.lctx.getFVars
  let lctx := (call LocalContext.sanitizeNames decl.lctx { options := opts }).1
  { decl := { decl with lctx }, place, fvars,
    names := localNames place (arrayList lctx.decls) #[] }

/-- More than this many texts are not remembered. -/
def maxPrints : Nat := 20000

def printed (p : Page) (e : Expr) (t : Steps) : MetaM (Json × Steps) := do
  if e.hasMVar then return (← within p.decl (exprJson e), t)
  -- closed terms need the number of the hole, too
  let key := .app (e.replaceFVars p.fvars p.names) (.lit (.natVal p.place))
  match t.printed.find? key with
  | some text => return (str text, t)
  | none =>
    let j ← within p.decl (exprJson e)
    let text := match j with
      | .str text => text
      | _ => ""
    let t := if t.prints ≥ maxPrints then { t with printed := .none, prints := 0 } else t
    return (j, { t with printed := t.printed.insert key text, prints := t.prints + 1 })

def hypothesesJson (p : Page) : List (Option LocalDecl) → Array Json → Steps →
    MetaM (Json × Steps)
  | [], acc, t => return (Json.arr acc, t)
  | none :: rest, acc, t => hypothesesJson p rest acc t
  | some d :: rest, acc, t => do
    if d.isImplementationDetail then hypothesesJson p rest acc t
    else
      let (type, t) ← printed p d.type t
      let (value, t) ← match d.value? with
        | some v => printed p v t
        | none => pure (Json.null, t)
      hypothesesJson p rest (acc.push (Json.mkObj [("name", nameJson d.userName), ("type", type),
        ("value", value)])) t

def seenJson (place : Nat) (opts : Options) : List Seen → Array Json → Steps →
    MetaM (Json × Steps)
  | [], acc, t => return (Json.arr acc, t)
  | s :: rest, acc, t => do
    let p := pageOf place opts s.decl
    let name := if s.decl.userName.isAnonymous then "" else nameStr s.decl.userName
    let (target, t) ← printed p s.decl.type t
    let (hypotheses, t) ← hypothesesJson p (arrayList p.decl.lctx.decls) #[] t
    seenJson place opts rest (acc.push (Json.mkObj [("name", str name), ("target", target),
      ("hypotheses", hypotheses)])) t

def pairs : List Seen → List (MVarId × Expr)
  | [] => []
  | s :: rest => (s.goal, s.closed) :: pairs rest

def sizes : List Seen → Nat → Nat
  | [], n => n
  | s :: rest, n => sizes rest (n + s.closed.sizeWithoutSharing)

def stateJson (place : Place) (handle : Nat) (seen : List Seen) (t : Steps) :
    MetaM (Json × Steps) := do
  let used := match seen with
    | [] => []
    | s :: _ => s.closed.getUsedConstants.toList
  let (goals, t) ← seenJson place.number place.core.options seen #[] t
  return (Json.mkObj [("key", str (keyOf (pairs seen))), ("goals", goals),
    ("constants", namesJson used #[]), ("size", num (sizes seen 0)), ("handle", num handle)], t)

def statesJson (place : Place) (handle : Nat) : List (List Seen) → Array Json → Steps →
    MetaM (Json × Steps)
  | [], acc, t => return (Json.arr acc, t)
  | seen :: rest, acc, t => do
    let (j, t) ← stateJson place handle seen t
    statesJson place (handle + 1) rest (acc.push j) t

def goalsOf : List Seen → List MVarId
  | [] => []
  | s :: rest => s.goal :: goalsOf rest

def saveAll (made : Saved) : List (List Seen) → Steps → Steps
  | [], t => t
  | seen :: rest, t =>
    let states := t.states.insert t.next { made with goals := goalsOf seen }
    saveAll made rest { t with next := t.next + 1, states }

def joined : List String → String
  | [] => ""
  | [s] => s
  | s :: rest => s ++ "\n" ++ joined rest

/-- Without goals, which the client knows, and traces, which may be huge: to print them takes longer
than most tactics. -/
partial def terse (m : MessageData) : MessageData :=
  match m with
  | .ofGoal _ | .trace _ _ _ => .nil
  | .withContext c m => .withContext c (terse m)
  | .withNamingContext c m => .withNamingContext c (terse m)
  | .nest n m => .nest n (terse m)
  | .group m => .group (terse m)
  | .compose a b => .compose (terse a) (terse b)
  | .tagged n m => .tagged n (terse m)
  | m => m

def texts (wanted : Message → Bool) : List Message → BaseIO (List String)
  | [] => return []
  | m :: rest => do
    let others ← texts wanted rest
    if wanted m then return (← (terse m.data).toString) :: others else return others

def isError (m : Message) : Bool :=
  match m.severity with
  | .error => true
  | _ => false

def isInfo (m : Message) : Bool :=
  match m.severity with
  | .information => true
  | _ => false

def failedJson (why : String) : Json :=
  Json.mkObj [("kind", str "failed"), ("message", str (shorten why))]

/-- Messages, traces and information trees of one step are of no use to the next; names that were
handed out are. -/
def trimmed (core : Core.State) : Core.State :=
  { core with
    messages := {}, traceState := {}, infoState := { enabled := false }, cache := {},
    snapshotTasks := #[] }

def step (s : Saved) (text : String) (t : Steps) : IO (Json × Steps) := do
  match parseTactic s text with
  | .error why => return (failedJson why, t)
  | .ok stx =>
    let act : TermElabM (Result × Json × Steps) := do
      match ← runTactic s stx with
      | .failed why => return (.failed why, Json.null, t)
      | .states groups owed =>
        let (states, t) ← statesJson s.place t.next groups #[] t
        return (.states groups owed, states, t)
    let (result, core, mctx) ← runTerm s act
    let log := core.messages.toList
    match result with
    | .error ex =>
      let why ← match ← texts isError log with
        | [] => (terse ex.toMessageData).toString
        | errors => pure (joined errors)
      return (failedJson why, t)
    | .ok (.failed why, _) =>
      let why ← if why.isEmpty then pure (joined (← texts isError log)) else pure why
      return (failedJson why, t)
    | .ok (.states groups owed, states, t) =>
      let hint := str (shorten (joined (← texts isInfo log)))
      match groups with
      | [] => return (Json.mkObj [("kind", str "closed"), ("hint", hint)], t)
      | _ =>
        let made : Saved := { s with core := trimmed core, mctx, owed }
        return (Json.mkObj [("kind", str "states"), ("states", states), ("hint", hint)],
          saveAll made groups t)

/-- Each outcome is told as soon as it is there: whatever ends the process, it is known which tactic
did. -/
def steps (tell : Json → IO Unit) (s : Saved) : List String → Steps → IO Steps
  | [], t => return t
  | text :: rest, t => do
    let (outcome, t) ← step s text t
    tell outcome
    steps tell s rest t

/-! ## Catching each `sorry` -/

/-- An elaborator of `sorry` that notes where it is and leaves the rest to Lean's own. It waits
until its type is known. -/
def catchSorry (caught : IO.Ref Catch) : Term.TermElab := fun stx expected? => do
  let c ← caught.get
  match expected?, c.listening with
  | some type, true =>
    let type ← instantiateMVars type
    let term ← readThe Term.Context
    if type.hasExprMVar && term.mayPostpone then throw (.internal postponeExceptionId)
    let core ← readThe Core.Context
    match stx.getPos?, stx.getTailPos? with
    | some start, some stop =>
      let «meta» ← readThe Meta.Context
      let state ← getThe Core.State
      let goal : MVarId := ⟨.num `_pyorch_hole 0⟩
      let mctx := (← getMCtx).addExprMVarDecl goal .anonymous «meta».lctx «meta».localInstances type
        .syntheticOpaque
      let levels := (← getThe Term.State).levelNames
      let place : Place :=
        { number := 0
          core := { core with
            ref := .missing, currRecDepth := 0, cancelTk? := none, suppressElabErrors := false }
          «meta» := { «meta» with
            defEqCtx? := none, canUnfold? := none, synthPendingDepth := 0,
            inTypeClassResolution := false }
          term := { term with
            macroStack := [], mayPostpone := true, errToSorry := false, inPattern := false,
            tacSnap? := none, ignoreTCFailures := false }
          levelNames := levels }
      let root : Saved :=
        { place, core := { trimmed state with env := state.env.unlockAsync }, mctx,
          goals := [goal] }
      let found : Caught :=
        { start := core.fileMap.toPosition start, stop := core.fileMap.toPosition stop,
          declaration := term.declName?.getD .anonymous, root }
      caught.set { c with found := found :: c.found }
    | _, _ => pure ()
  | _, _ => pure ()
  throw (.internal unsupportedSyntaxExceptionId)

def hooked (env : Environment) (caught : IO.Ref Catch) : Environment :=
  call (ScopedEnvExtension.addEntry Term.termElabAttribute.ext) env
    { key := ``Lean.Parser.Term.sorry, declName := `PyOrchServer.catchSorry, isBuiltin := false,
      value := catchSorry caught }

/-- `Meta.isProp` cannot be linked in the embedded build. -/
def isProposition (type : Expr) : MetaM Bool := do
  return (← Meta.whnf (← instantiateMVars (← Meta.inferType type))).isProp

def holeJson (c : Caught) (t : Steps) : IO (Option (String × Json × Steps)) := do
  let act : TermElabM (String × Json × Steps) := do
    let seen ← look c.root.goals
    let (state, t) ← stateJson c.root.place t.next seen t
    let proposition ← match seen with
      | s :: _ => within s.decl (isProposition s.decl.type)
      | [] => pure false
    return (keyOf (pairs seen), Json.mkObj [("start", position c.start), ("end", position c.stop),
      ("declaration", nameJson c.declaration), ("proposition", Json.bool proposition),
      ("state", state)], t)
  match ← runTerm c.root act with
  | (.ok j, _, _) => return some j
  | (.error _, _, _) => return none

/-- A `sorry` that was elaborated twice (on the way to an overload, say) is one hole. -/
def isKnown (c : Caught) (key : String) : List (Caught × String) → Bool
  | [] => false
  | (d, k) :: rest => (d.start == c.start && k == key) || isKnown c key rest

partial def holes (todo : List Caught) (known : List (Caught × String)) (acc : Array Json)
    (t : Steps) : IO (Array Json × Steps) := do
  match todo with
  | [] => return (acc, t)
  | c :: rest =>
    let c := { c with root := { c.root with place := { c.root.place with number := t.next } } }
    match ← holeJson c t with
    | none => holes rest known acc t
    | some (key, j, t) =>
      if isKnown c key known then holes rest known acc t
      else do
        let t := { t with next := t.next + 1, states := t.states.insert t.next c.root }
        holes rest ((c, key) :: known) (acc.push j) t

/-- Elaborate a text and save the state at each `sorry`. -/
def openText (env : Environment) (text : String) (limits : Limits) (t : Steps) :
    IO (Session × Array Json × Steps) := do
  let caught ← IO.mkRef ({} : Catch)
  let session ← run (hooked env caught) "<open>" text limits
  let c ← caught.get
  -- the hook stays in the saved environments
  caught.set { listening := false }
  let (js, t) ← holes (reverse c.found []) [] #[] t
  return (session, js, t)

end PyOrchServer
