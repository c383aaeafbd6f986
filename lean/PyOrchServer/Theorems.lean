import PyOrchServer.Constants

/-!
# The theorems of an environment

For retrieval: which theorems are there, and which constants do their statements mention?
-/

open Lean Elab Command

namespace PyOrchServer

/-- Is it a theorem that a person would quote? -/
def isQuotable (env : Environment) (n : Name) (c : ConstantInfo) : Bool :=
  kindOf env n c == .thm && !n.isInternalDetail && !isPrivateName n && !n.hasMacroScopes

/-- The head of what a theorem concludes and, for `=` and its like, of the side that is
rewritten. -/
def headsOf (type : Expr) : String :=
  let conclusion := type.getForallBody
  let head := conclusion.getAppFn
  let side := if head.isConstOf ``Eq then conclusion.appFn!.appArg!.getAppFn
    else if head.isConstOf ``Iff then conclusion.appFn!.appArg!.getAppFn
    else head
  word head ++ "\t" ++ word side
where
  word : Expr → String
    | .const n _ => nameStr n
    | _ => "_"

def wordsOf : List Name → String → String
  | [], acc => acc
  | n :: rest, acc => wordsOf rest (acc ++ "\t" ++ nameStr n)

/-- What retrieval knows of a statement: the two heads, and the constants in it, between tabs. -/
def shapeOf (type : Expr) : String :=
  wordsOf type.getUsedConstants.toList (headsOf type)

/-- A line a theorem: its name, a tab, and its shape. -/
def lineOf (n : Name) (type : Expr) : String := nameStr n ++ "\t" ++ shapeOf type ++ "\n"

/-- Does it rest on nothing but Lean's own axioms? -/
def isSound (s : Support) : Bool := all s.axioms
where
  all : List Name → Bool
    | [] => true
    | n :: rest => (n == ``propext || n == ``Classical.choice || n == ``Quot.sound) && all rest

/-- `known`: leave out what rests on other axioms; none where that is not to be asked. -/
partial def linesOf (env : Environment) (names : Array Name) (constants : Array ConstantInfo)
    (i : Nat) (known : Option Supports) (acc : String) : String × Option Supports :=
  if i < names.size then
    let n := names[i]!
    let c := constants[i]!
    if !isQuotable env n c then linesOf env names constants (i + 1) known acc
    else match known with
      | none => linesOf env names constants (i + 1) none (acc ++ lineOf n c.type)
      | some t =>
        let (s, t) := support env n t
        linesOf env names constants (i + 1) (some t)
          (if isSound s then acc ++ lineOf n c.type else acc)
  else (acc, known)

/-- Modules of Lean's and ours are sound. -/
partial def ofModules (env : Environment) (i : Nat) (t : Supports) (acc : String) : String :=
  if i < env.header.modules.size then
    let root := (moduleName env i).getRoot
    let data := env.header.moduleData[i]!
    let ours := standardRoots.contains root || root == `PyOrch
    let (acc, known) :=
      linesOf env data.constNames data.constants 0 (if ours then none else some t) acc
    let t := match known with
      | some t => t
      | none => t
    ofModules env (i + 1) t acc
  else acc

/-- Of everything that was imported. -/
def theorems (env : Environment) : String :=
  ofModules env 0 {} ""

end PyOrchServer
