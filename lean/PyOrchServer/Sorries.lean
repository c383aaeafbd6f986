import PyOrchServer.Goals

/-!
# Who uses `sorry`

A declaration uses it *directly* if its own text does: it, or an auxiliary constant that was made
for it, mentions `sorryAx`. It rests on another one's `sorry` *through* the declarations that it
mentions. Both are read off the elaborated terms, so no macro, no notation and no name can hide it.
-/

open Lean Elab Command

namespace PyOrchServer

def isExample (n : Name) : Bool :=
  match privateToUserName n with
  | .str _ s => s == "_example"
  | _ => false

/-- Did Lean make `n` for the declaration below whose name it lies? -/
def isGenerated (env : Environment) (n : Name) : Bool :=
  match n with
  | .str p s => match env.find? p with
    | some (.inductInfo _) => env.isProjectionFn n || ["recOn", "casesOn", "brecOn", "below",
        "noConfusion", "noConfusionType", "ctorIdx", "toCtorIdx", "ctorElim",
        "ctorElimType"].contains s
    | some (.ctorInfo _) =>
      ["inj", "injEq", "sizeOf_spec", "noConfusion", "elim", "hinj"].contains s
    | some (.defnInfo _) => ["eq_def", "eq_unfold", "induct", "induct_unfolding", "fun_cases",
        "fun_cases_unfolding", "mutual_induct"].contains s
    | _ => false
  | _ => false

/-- A constant as a person wrote it, also a private one; not one that Lean made for another. -/
def isShown (env : Environment) (n : Name) (c : ConstantInfo) : Bool :=
  (isExample n || !(privateToUserName n).isInternalDetail && !isGenerated env n) && match c with
    | .defnInfo _ | .thmInfo _ | .axiomInfo _ | .opaqueInfo _ | .inductInfo _ => true
    | _ => false

def findShown (env : Environment) (n : Name) : Option Name :=
  match env.find? n with
  | some c => if isShown env n c then some n else none
  | none => none

/-- The declaration below whose name that of an auxiliary constant lies: `f` for `f._proof_1`. -/
def owner (env : Environment) (n : Name) : Option Name :=
  (below n).orElse fun _ => if isPrivateName n then below (privateToUserName n) else none
where
  below : Name → Option Name
    | .str p _ => (findShown env p).orElse fun _ => below p
    | .num p _ => (findShown env p).orElse fun _ => below p
    | .anonymous => none

structure Mentions where
  direct : Bool := false
  others : List Name := []

/-- What a declaration mentions: `sorryAx`, and other declarations. Auxiliary constants count as
part of their owner, constructors and recursors as their type. -/
partial def mentions (env : Environment) (self : Name) (todo : List Name) (seen : NameSet)
    (acc : Mentions) : Mentions :=
  match todo with
  | [] => acc
  | n :: rest =>
    if seen.contains n then mentions env self rest seen acc
    else
      let seen := seen.insert n
      if n == ``sorryAx then mentions env self rest seen { acc with direct := true }
      else if n == self || isStandard env n then mentions env self rest seen acc
      else match env.find? n with
        | none => mentions env self rest seen acc
        | some c =>
          let r := representative n c
          if r != n then mentions env self (r :: rest) seen acc
          else if isShown env n c then
            mentions env self rest seen { acc with others := insertNew n acc.others }
          else match owner env n with
            | some o =>
              if o == self then mentions env self (append (usedConstants c) rest) seen acc
              else mentions env self rest seen { acc with others := insertNew o acc.others }
            | none => mentions env self (append (usedConstants c) rest) seen acc

/-- Those auxiliary constants of a command that belong to `self`, onto `acc`. Not all are reached
from its term: compiled code, for one, or the default value of a field. -/
partial def owned (env : Environment) (self : Name) :
    List (Name × ConstantInfo) → List Name → List Name
  | [], acc => acc
  | (n, c) :: rest, acc =>
    let mine := !isShown env n c && representative n c == n && match owner env n with
      | some o => o == self
      | none => false
    owned env self rest (if mine then n :: acc else acc)

/-- What a declaration mentions, by itself and by what was made for it. -/
def mentionsOf (env : Environment) (n : Name) (c : ConstantInfo)
    (command : List (Name × ConstantInfo)) : Mentions :=
  let first := match c with
    | .inductInfo v => usedByBlock env v.all
    | _ => usedConstants c
  mentions env n (append first (owned env n command [])) {} {}

/-- Those that rest on `sorry`. -/
partial def resting (env : Environment) : List Name → Supports → List Name × Supports
  | [], t => ([], t)
  | n :: rest, t =>
    let (s, t) := support env n t
    let (found, t) := resting env rest t
    (if s.axioms.contains ``sorryAx then n :: found else found, t)

/-- An auxiliary constant without an owner is shown where it mentions `sorryAx` itself: nobody else
may answer for it. -/
def isOrphan (env : Environment) (n : Name) (c : ConstantInfo) : Bool :=
  representative n c == n && (owner env n).isNone && (usedConstants c).contains ``sorryAx

/-- The environments that an info tree was made in. -/
partial def environmentsOf (t : InfoTree) (acc : List Environment) : List Environment :=
  match t with
  | .context (.commandCtx c) t => environmentsOf t (c.env :: acc)
  | .context _ t => environmentsOf t acc
  | .node _ children => all (arrayList children) acc
  | .hole _ => acc
where
  all : List InfoTree → List Environment → List Environment
    | [], acc => acc
    | t :: rest, acc => all rest (environmentsOf t acc)

def environmentsOfAll : List InfoTree → List Environment
  | [] => []
  | t :: rest => environmentsOf t (environmentsOfAll rest)

def hasExample : List (Name × ConstantInfo) → Bool
  | [] => false
  | (n, _) :: rest => isExample n || hasExample rest

/-- An `example` leaves the environment as it was. What it declared is in an environment that its
info tree keeps. -/
def exampleIn (after : Environment) : List Environment →
    Option (Environment × List (Name × ConstantInfo))
  | [] => none
  | e :: rest =>
    let fresh := addedConstants after e
    if hasExample fresh then some (e, fresh) else exampleIn after rest

/-- Where the names of declarations stand. -/
partial def placesIn (ci? : Option ContextInfo) (trees : List InfoTree)
    (acc : List (Name × Position)) : List (Name × Position) :=
  match trees with
  | [] => acc
  | .context c t :: rest => placesIn ci? rest (placesIn (withContext ci? c) [t] acc)
  | .hole _ :: rest => placesIn ci? rest acc
  | .node i children :: rest =>
    let acc := match ci?, i with
      | some ci, .ofTermInfo ti => match ti.isBinder, ti.expr, ti.stx.getPos? with
        | true, .const n _, some p => (n, ci.fileMap.toPosition p) :: acc
        | _, _, _ => acc
      | _, _ => acc
    placesIn ci? rest (placesIn ci? (arrayList children) acc)

def placeOf (n : Name) (default : Position) : List (Name × Position) → Position
  | [] => default
  | (m, p) :: rest => if m == n then p else placeOf n default rest

/-- A declaration with what it mentions. -/
structure Surveyed where
  name : Name
  info : ConstantInfo
  env : Environment
  start : Position
  stop : Position
  direct : Bool
  through : List Name
  support : Support

partial def survey (env : Environment) (cmd : Elaborated) (places : List (Name × Position))
    (command : List (Name × ConstantInfo)) :
    List (Name × ConstantInfo) → List Surveyed → Supports → List Surveyed × Supports
  | [], acc, t => (acc, t)
  | (n, c) :: rest, acc, t =>
    if isShown env n c || isOrphan env n c then
      let m := mentionsOf env n c command
      let (others, t) := resting env m.others t
      let (s, t) := support env n t
      let one : Surveyed :=
        { name := n, info := c, env, start := placeOf n cmd.start places, stop := cmd.stop,
          direct := m.direct, through := others, support := s }
      survey env cmd places command rest (one :: acc) t
    else survey env cmd places command rest acc t

/-- All declarations of a text, last first: private ones and examples, too. -/
partial def surveyAll (env : Environment) :
    List Elaborated → List Surveyed → Supports → List Surveyed × Supports
  | [], acc, t => (acc, t)
  | cmd :: rest, acc, t =>
    let places := placesIn none cmd.trees []
    let (acc, t) := match cmd.names with
      | [] => match exampleIn cmd.env (environmentsOfAll cmd.trees) with
        | some (e, names) =>
          -- another example has the same name: what is learned of this one is dropped
          let (acc, _) := survey e cmd places names names acc t
          (acc, t)
        | none => (acc, t)
      | names => survey env cmd places names names acc t
    surveyAll env rest acc t

end PyOrchServer
