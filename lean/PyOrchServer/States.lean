import PyOrchServer.Goals

/-!
# Saved proof states

A text is elaborated once. Each `sorry` in it is caught in the act, with everything the elaborator
knows at that place: earlier hypotheses, instances, open namespaces, options, universe levels, and
an environment that has the declarations before this one and neither this one nor those after it.
From there tactics run on saved states, which are values: a state stays what it is, whatever runs on
it.

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

end PyOrchServer
