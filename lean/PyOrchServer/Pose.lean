import PyOrchServer.Steps
import PyOrchServer.Theorems

/-!
# Posing known theorems anew

For the benchmark of the search: where does a theorem come from, and its statement as a proof state
in an environment that does not have it.
-/

open Lean Elab Command

namespace PyOrchServer

/-! ## Homes -/

def importNames : List Import → String → String
  | [], acc => acc
  | i :: rest, acc => importNames rest (acc ++ "\t" ++ nameStr i.module)

/-- Does none of these constants come from the module with this index? -/
def allElsewhere (env : Environment) (own : Nat) : List Name → Bool
  | [] => true
  | n :: rest => match env.getModuleIdxFor? n with
    | some i => i.toNat != own && allElsewhere env own rest
    | none => false

/-- A line a theorem whose statement needs nothing of its own module: its name, and the number of
the line of its module. -/
partial def homesIn (env : Environment) (own : Nat) (names : Array Name)
    (constants : Array ConstantInfo) (i : Nat) (acc : String) : String :=
  if i < names.size then
    let n := names[i]!
    let c := constants[i]!
    let good := isQuotable env n c && allElsewhere env own c.type.getUsedConstants.toList
    homesIn env own names constants (i + 1)
      (if good then acc ++ nameStr n ++ "\t" ++ own.repr ++ "\n" else acc)
  else acc

/-- Of all modules a line, the name and what it imports; and the theorems of `homesIn`. -/
partial def homes (env : Environment) (i : Nat) (modules theorems : String) : String × String :=
  if i < env.header.modules.size then
    let data := env.header.moduleData[i]!
    let line := importNames data.imports.toList (nameStr (moduleName env i))
    homes env (i + 1) (modules ++ line ++ "\n")
      (homesIn env i data.constNames data.constants 0 theorems)
  else (modules, theorems)

/-! ## Posing -/

/-- The first constant that `target` does not have with the type that it has in `source`. -/
def firstOther (source target : Environment) : List Name → Option Name
  | [] => none
  | n :: rest => match source.find? n, target.find? n with
    | some c, some d =>
      if c.levelParams == d.levelParams && c.type == d.type then firstOther source target rest
      else some n
    | _, _ => some n

/-- Why the theorem cannot be posed; else its statement. -/
def statementFor (source target : Environment) (name : Name) : Except String ConstantInfo :=
  match source.find? name with
  | none => .error s!"there is no '{nameStr name}'"
  | some c =>
    if kindOf source name c != .thm then .error s!"'{nameStr name}' is not a theorem"
    else if target.contains name then .error s!"'{nameStr name}' is there already"
    else match firstOther source target c.type.getUsedConstants.toList with
      | some n => .error s!"its statement needs '{nameStr n}', which is not the same there"
      | none => .ok c

/-- The place of a `sorry`, with another statement and without hypotheses. -/
def Caught.withStatement (c : Caught) (name : Name) (info : ConstantInfo) : Caught :=
  let place := c.root.place
  let place : Place := { place with
    «meta» := { place.meta with lctx := {}, localInstances := #[] }
    levelNames := info.levelParams }
  let goal : MVarId := ⟨.num `_pyorch_hole 0⟩
  let mctx := ({} : MetavarContext).addExprMVarDecl goal .anonymous {} #[] info.type
    .syntheticOpaque
  { c with declaration := name, root := { c.root with place, mctx, goals := [goal] } }

/-- A theorem of `source` at the end of a text on `target`, as a hole; or why that cannot be. -/
def pose (source target : Environment) (name : Name) (text : String) (limits : Limits)
    (t : Steps) : IO (Session × Except String (Array Json) × Steps) := do
  let caught ← IO.mkRef ({} : Catch)
  let text := text ++ "\n\ntheorem _pyorch_posed : _root_.True := sorry\n"
  let session ← run (hooked target caught) "<pose>" text limits
  let c ← caught.get
  caught.set { listening := false }
  match c.found with
  | [] => return (session, .ok #[], t)
  | last :: _ =>
    match statementFor source last.root.core.env name with
    | .error why => return (session, .error why, t)
    | .ok info =>
      let (js, t) ← holes [last.withStatement name info] [] #[] t
      return (session, .ok js, t)

end PyOrchServer
