import PyOrchServer.Goals

/-!
# Tactic steps on saved proof states

A text is elaborated once. Each `sorry` in it is caught in the act, with everything the elaborator
knows at that place: earlier hypotheses, instances, open namespaces, options, universe levels, and an
environment that has the declarations before this one and neither this one nor those after it. From
there tactics run on saved states, which are values: a state stays what it is, whatever runs on it.

What a tactic claims is checked: a proof without holes goes through the kernel, and neither `sorry`
nor an axiom may have come in.
-/

open Lean Elab Command

namespace PyOrchServer

/-! ## Values -/

/-- Keeps the compiler from inlining a generic function whose insides the embedded library lacks. -/
@[noinline] def call {α β γ : Type} (f : α → β → γ) (a : α) (b : β) : γ := f a b

/-- What all states below one hole have in common. -/
structure Place where
  number : Nat
  core : Core.Context
  «meta» : Meta.Context
  term : Term.Context
  levelNames : List Name

/-- A proof state. Tactics act on its first goal. -/
structure Saved where
  place : Place
  core : Core.State
  mctx : MetavarContext
  goals : List MVarId
  /-- goals that were proved up to metavariables that other goals of the state will determine -/
  owed : List MVarId := []

/-- A `sorry` that was met during elaboration. -/
structure Caught where
  start : Position
  stop : Position
  declaration : Name
  root : Saved

structure Catch where
  listening : Bool := true
  /-- last first -/
  found : List Caught := []

/-- Numbered states, by the digits of their number. (Lean's own maps are generic, and their code is
not among what the embedded build can link.) -/
inductive States where
  | none
  | node (here : Option Saved) (odd even : States)

namespace States

def find? : States → Nat → Option Saved
  | none, _ => .none
  | node here odd even, k =>
    if k == 0 then here
    else if k % 2 == 1 then odd.find? (k / 2)
    else even.find? (k / 2 - 1)

partial def insert (k : Nat) (s : Saved) : States → States
  | none => insert k s (node .none none none)
  | node here odd even =>
    if k == 0 then node (some s) odd even
    else if k % 2 == 1 then node here (insert (k / 2) s odd) even
    else node here odd (insert (k / 2 - 1) s even)

def erase (k : Nat) : States → States
  | none => none
  | node here odd even =>
    if k == 0 then prune .none odd even
    else if k % 2 == 1 then prune here (erase (k / 2) odd) even
    else prune here odd (erase (k / 2 - 1) even)
where
  prune : Option Saved → States → States → States
    | .none, none, none => none
    | here, odd, even => node here odd even

def count : States → Nat
  | none => 0
  | node here odd even => (if here.isSome then 1 else 0) + odd.count + even.count

end States

/-- Expressions that have been printed, in a search tree over their hashes: printing is what takes
most of the time, and the hypotheses of a state are nearly always those of the one before. -/
inductive Printed where
  | none
  | node (e : Expr) (text : String) (smaller others : Printed)

namespace Printed

def find? (e : Expr) : Printed → Option String
  | none => .none
  | node key text smaller others =>
    if e.hash < key.hash then smaller.find? e
    else if e.equal key then some text
    else others.find? e

def insert (e : Expr) (text : String) : Printed → Printed
  | none => node e text none none
  | node key t smaller others =>
    if e.hash < key.hash then node key t (smaller.insert e text) others
    else node key t smaller (others.insert e text)

end Printed

/-- The states of one client. -/
structure Steps where
  next : Nat := 0
  states : States := .none
  printed : Printed := .none
  /-- how many expressions are in it -/
  prints : Nat := 0

/-! ## Running -/

/-- The monads' own runners do not compile against the embedded library; their actions are functions
of contexts and references. -/
def runTerm {α : Type} (s : Saved) (act : TermElabM α) :
    IO (Except Exception α × Core.State × MetavarContext) := do
  let core ← ST.mkRef s.core
  let metaRef ← ST.mkRef ({ mctx := s.mctx } : Meta.State)
  let term ← ST.mkRef ({ levelNames := s.place.levelNames } : Term.State)
  let started ← IO.getNumHeartbeats
  let result ← (act s.place.term term s.place.meta metaRef
    { s.place.core with initHeartbeats := started } core).toBaseIO
  return (result, ← core.get, (← metaRef.get).mctx)

def withLimits (s : Saved) (heartbeats recursion : Nat) : Saved :=
  { s with place := { s.place with core := { s.place.core with
      maxHeartbeats := heartbeats, maxRecDepth := recursion } } }

/-- In the local context of a goal. -/
def within {α : Type} (decl : MetavarDecl) (act : MetaM α) : MetaM α := fun ctx =>
  act { ctx with lctx := decl.lctx, localInstances := decl.localInstances }

/-- A context made anew, with what is known by now of the metavariables in it. -/
def instantiateAll : List (Option LocalDecl) → LocalContext → MetaM LocalContext
  | [], lctx => return lctx
  | none :: rest, lctx => instantiateAll rest lctx
  | some d :: rest, lctx => do
    let type ← if d.type.hasMVar then instantiateMVars d.type else pure d.type
    let d := d.setType type
    let d ← match d with
      | .ldecl i f n t v nd k =>
        if v.hasMVar then pure (.ldecl i f n t (← instantiateMVars v) nd k) else pure d
      | _ => pure d
    instantiateAll rest (call LocalContext.addDecl lctx d)

def anyMVar : List (Option LocalDecl) → Bool
  | [] => false
  | none :: rest => anyMVar rest
  | some d :: rest => d.type.hasMVar || (match d with
    | .ldecl _ _ _ _ v _ _ => v.hasMVar
    | _ => false) || anyMVar rest

def declOf (g : MVarId) : MetaM MetavarDecl := do
  match (← getMCtx).findDecl? g with
  | some decl =>
    let hypotheses := arrayList decl.lctx.decls
    let lctx ← if anyMVar hypotheses then instantiateAll hypotheses .empty else pure decl.lctx
    let type ← instantiateMVars decl.type
    return { decl with lctx, type }
  | none => throw (.error .missing (.ofFormat "unknown goal"))

/-! ## Keys -/

/-- The fvars of a context that a proof may use, in order. -/
def usable : List (Option LocalDecl) → Array Expr → Array Expr
  | [], acc => acc
  | none :: rest, acc => usable rest acc
  | some d :: rest, acc =>
    if d.isImplementationDetail then usable rest acc else usable rest (acc.push (mkFVar d.fvarId))

def usableOf (decl : MetavarDecl) : Array Expr := usable (arrayList decl.lctx.decls) #[]

/-- A goal as one expression without local variables: a function from the hypotheses to the target,
so that what is introduced differs from what is not. -/
def closedGoal (decl : MetavarDecl) : Expr :=
  decl.lctx.mkLambda (usableOf decl) decl.type (usedLetOnly := false) (generalizeNondepLet := true)

def indexOf (m : MVarId) : List MVarId → Nat → Nat
  | [], i => i
  | n :: rest, i => if m == n then i else indexOf m rest (i + 1)

def unitLevel (l : Level) : Option Level :=
  match l with
  | .mvar _ => some (.param `_u)
  | _ => none

/-- The hash that an expression carries has 32 bits, and is the same for `fun` as for `∀`. The same
expression with its leaves marked has another hash, which is independent of the first.
Metavariables count by the order in which they occur. -/
partial def salted (mvars : List MVarId) (salt : String) (e : Expr) : Expr :=
  e.replace fun e => match e with
    | .const n ls => some (.const (.str n salt) ls)
    | .mvar m => some (.const (.num (.str .anonymous salt) (indexOf m mvars 0)) [])
    | .lit (.natVal n) => some (.const (.str .anonymous (salt ++ n.repr)) [])
    | .lit (.strVal s) => some (.const (.str (.str .anonymous salt) s) [])
    | .lam n t b i =>
      some (.app (.sort .zero) (.lam n (salted mvars salt t) (salted mvars salt b) i))
    | _ => none

def all (goals : List (MVarId × Expr)) : Expr := go goals (.sort .zero)
where
  go : List (MVarId × Expr) → Expr → Expr
    | [], acc => acc
    | (g, e) :: rest, acc => go rest (.app (.app acc (.mvar g)) e)

/-- 96 bits that are equal for states that are equal up to the names of local variables, bound
variables and metavariables. (All universe metavariables count as one.) -/
def keyOf (goals : List (MVarId × Expr)) : String :=
  let e := all goals
  let e := if e.hasLevelMVar then e.replaceLevel unitLevel else e
  let mvars := (Expr.collectMVars {} e).result.toList
  hash "a" mvars e ++ "-" ++ hash "b" mvars e ++ "-" ++ hash "c" mvars e
where
  hash (salt : String) (mvars : List MVarId) (e : Expr) : String :=
    (salted mvars salt e).hash.toNat.repr

/-! ## The policy -/

/-- Beside the words that no text from outside may have: what would leave a proof open, or ask the
compiler for it. -/
def refusedInSteps : List String := ["sorry", "admit", "stop", "native_decide"]

partial def hasWord (words : List String) (stx : Syntax) : Option String :=
  match stx with
  | .atom _ token => if words.contains token then some s!"'{token}'" else none
  | .node _ _ args => firstOf args.toList
  | _ => none
where
  firstOf : List Syntax → Option String
    | [] => none
    | s :: rest => (hasWord words s).orElse fun _ => firstOf rest

def parseTactic (s : Saved) (text : String) : Except String Syntax :=
  let env := s.core.env
  let ctx := s.place.core
  let ictx : Parser.InputContext :=
    { inputString := text, fileName := "<tactic>", fileMap := FileMap.ofString text,
      endPos := text.rawEndPos, endPos_valid := by simp }
  let pmctx : Parser.ParserModuleContext :=
    { env, options := ctx.options, currNamespace := ctx.currNamespace, openDecls := ctx.openDecls }
  let p := Parser.andthenFn Parser.whitespace Parser.Tactic.tacticSeq.fn
  let after := p.run ictx pmctx (Parser.getTokenTable env) (Parser.mkParserState text)
  if after.allErrors.size != 0 then .error (after.toErrorMsg ictx)
  else if !ictx.atEnd after.pos then .error ((after.mkError "end of input").toErrorMsg ictx)
  else
    let stx := after.stxStack.back
    match (refusal stx).orElse fun _ => hasWord refusedInSteps stx with
    | some why => .error s!"{why} may not be used"
    | none => .ok stx

/-! ## The check -/

/-- Constants that a proof found by search may not rest on by itself. (What it quotes from the text
around it may have a `sorry` of its own.) -/
def forbidden : List Name :=
  [``sorryAx, ``Lean.ofReduceBool, ``Lean.ofReduceNat, ``Lean.trustCompiler]

def firstForbidden : List Name → Option Name
  | [] => none
  | n :: rest => if forbidden.contains n then some n else firstForbidden rest

/-- What is wrong with constants that a tactic added. -/
def badAddition : List (Name × ConstantInfo) → Option String
  | [] => none
  | (n, c) :: rest => match c with
    | .axiomInfo _ => some s!"adds the axiom '{nameStr n}'"
    | _ => match firstForbidden (usedConstants c) with
      | some m => some s!"rests on '{nameStr m}'"
      | none => badAddition rest

def kernelWords : Kernel.Exception → String
  | .unknownConstant _ n => s!"unknown constant '{nameStr n}'"
  | .declTypeMismatch _ _ _ => "the proof does not have the type of the goal"
  | .declHasMVars _ _ _ => "metavariables are left"
  | .declHasFVars _ _ _ => "a local variable is out of its scope"
  | .deepRecursion => "deep recursion"
  | .excessiveMemory => "out of memory"
  | .deterministicTimeout => "time-out"
  | .interrupted => "interrupted"
  | _ => "it is ill-typed"

def mentionsItself (e : Expr) : List (Option LocalDecl) → Bool
  | [] => false
  | some d :: rest => (d.isAuxDecl && e.containsFVar d.fvarId) || mentionsItself e rest
  | none :: rest => mentionsItself e rest

/-- What is wrong with the complete proof of a goal. -/
def badProof (env : Environment) (heartbeats : Nat) (decl : MetavarDecl) (proof : Expr) :
    Option String :=
  if mentionsItself proof (arrayList decl.lctx.decls) then
    some "refers to the declaration that is being proved"
  else if proof.hasLevelMVar && !decl.type.hasLevelMVar then some "leaves universe levels open"
  else if proof.hasLevelMVar then none
  else
    let fvars := decl.lctx.getFVars
    let type := decl.lctx.mkForall fvars decl.type (generalizeNondepLet := true)
    let value := decl.lctx.mkLambda fvars proof (generalizeNondepLet := true)
    -- a `let` above the hole whose value is not known yet
    if type.hasExprMVar || value.hasExprMVar then none else
    let levels := (collectLevelParams (collectLevelParams {} type) value).params.toList
    let d : Declaration := .defnDecl
      { name := `_pyorch_step, levelParams := levels, type, value, hints := .opaque,
        safety := .safe }
    match env.addDeclCore heartbeats.toUSize d none with
    | .ok _ => none
    | .error e => some s!"the kernel rejects the proof: {kernelWords e}"

/-! ## One step -/

def shorten (s : String) : String :=
  if s.length ≤ 2000 then s else (String.ofList (cut 2000 s.toList)) ++ " …"
where
  cut : Nat → List Char → List Char
    | 0, _ | _, [] => []
    | n + 1, c :: rest => c :: cut n rest

def unassigned (mctx : MetavarContext) : List MVarId → List MVarId
  | [] => []
  | g :: rest =>
    if mctx.eAssignment.contains g || mctx.dAssignment.contains g then unassigned mctx rest
    else g :: unassigned mctx rest

def anyOf (ms : List MVarId) : List MVarId → Bool
  | [] => false
  | n :: rest => ms.contains n || anyOf ms rest

/-- Does what closes one goal decide what another one says? -/
def coupled : List (MVarId × List MVarId) → Bool
  | [] => false
  | (g, ms) :: rest => against g ms rest || coupled rest
where
  against (g : MVarId) (ms : List MVarId) : List (MVarId × List MVarId) → Bool
    | [] => false
    | (h, ns) :: rest => ms.contains h || ns.contains g || anyOf ms ns || against g ms rest

/-- The metavariables on which it depends what an expression will be. -/
partial def openIn (mctx : MetavarContext) (e : Expr) (acc : List MVarId) : List MVarId :=
  if e.hasExprMVar then each (Expr.collectMVars {} e).result.toList acc else acc
where
  each : List MVarId → List MVarId → List MVarId
    | [], acc => acc
    | m :: rest, acc => each rest (one m acc)
  one (m : MVarId) (acc : List MVarId) : List MVarId :=
    match mctx.getExprAssignmentCore? m with
    | some e => openIn mctx e acc
    | none => match mctx.getDelayedMVarAssignmentCore? m with
      | some d => one d.mvarIdPending acc
      | none => if acc.contains m then acc else append acc [m]

structure Seen where
  goal : MVarId
  decl : MetavarDecl
  closed : Expr
  mvars : List MVarId

def look : List MVarId → MetaM (List Seen)
  | [] => return []
  | g :: rest => do
    let decl ← declOf g
    let closed := closedGoal decl
    return { goal := g, decl, closed, mvars := openIn (← getMCtx) closed [] } :: (← look rest)

/-- What a step leads to. -/
inductive Result where
  | failed (why : String)
  /-- the goals of each new state, and what is owed in it -/
  | states (groups : List (List Seen)) (owed : List MVarId)

def singles : List Seen → List (List Seen)
  | [] => []
  | s :: rest => [s] :: singles rest

def links : List Seen → List (MVarId × List MVarId)
  | [] => []
  | s :: rest => (s.goal, s.mvars) :: links rest

/-- The proofs of `ms` so far: what is wrong with one, or those that are not complete. -/
def examine (env : Environment) (heartbeats : Nat) (open_ : List MVarId) :
    List MVarId → List MVarId → MetaM (Except String (List MVarId × List MVarId))
  | [], owed => return .ok (open_, owed)
  | m :: rest, owed => do
    if open_.contains m then examine env heartbeats open_ rest owed
    else
      let proof ← instantiateMVars (mkMVar m)
      if let some n := firstForbidden proof.getUsedConstants.toList then
        return .error s!"rests on '{nameStr n}'"
      if proof.hasExprMVar then
        examine env heartbeats (openIn (← getMCtx) proof open_) rest (m :: owed)
      else
        let decl ← declOf m
        match badProof env heartbeats decl proof with
        | some why => return .error why
        | none => examine env heartbeats open_ rest owed

def runTactic (s : Saved) (stx : Syntax) : TermElabM Result := do
  match s.goals with
  | [] => return .failed "no goals"
  | g :: rest =>
    let some decl := (← getMCtx).findDecl? g | return .failed "unknown goal"
    let ref ← ST.mkRef ({ goals := [g] } : Tactic.State)
    let tactic : TermElabM Unit := do
      Tactic.evalTactic stx { elaborator := .anonymous, recover := false } ref
      Term.synthesizeSyntheticMVarsNoPostponing
    fun termCtx termRef metaCtx => tactic termCtx termRef
      { metaCtx with lctx := decl.lctx, localInstances := decl.localInstances }
    let core ← getThe Core.State
    if hasError core.messages.toList then return .failed ""
    if let some why := badAddition (addedConstants s.core.env core.env) then return .failed why
    let after ← ref.get
    let goals := unassigned (← getMCtx) (append after.goals rest)
    match ← examine core.env s.place.core.maxHeartbeats goals (append s.owed (g :: rest)) [] with
    | .error why => return .failed why
    | .ok (goals, owed) =>
      let seen ← look goals
      if coupled (links seen) then return .states [seen] owed
      else return .states (singles seen) []

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

/-- An elaborator of `sorry` that notes where it is and leaves the rest to Lean's own. It waits until
its type is known. -/
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
        { place, core := { trimmed state with env := state.env.unlockAsync }, mctx, goals := [goal] }
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
