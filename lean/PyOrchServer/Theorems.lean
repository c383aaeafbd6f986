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

/-- A line a theorem: its name, the two heads, and the constants in its statement, between tabs. -/
def lineOf (n : Name) (type : Expr) : String :=
  wordsOf type.getUsedConstants.toList (nameStr n ++ "\t" ++ headsOf type) ++ "\n"

partial def linesOf (env : Environment) (names : Array Name) (constants : Array ConstantInfo)
    (i : Nat) (acc : String) : String :=
  if i < names.size then
    let n := names[i]!
    let c := constants[i]!
    linesOf env names constants (i + 1)
      (if isQuotable env n c then acc ++ lineOf n c.type else acc)
  else acc

partial def ofModules (env : Environment) (modules : Array ModuleData) (i : Nat) (acc : String) :
    String :=
  if h : i < modules.size then
    ofModules env modules (i + 1) (linesOf env modules[i].constNames modules[i].constants 0 acc)
  else acc

/-- Of everything that was imported. -/
def theorems (env : Environment) : String :=
  ofModules env env.header.moduleData 0 ""

end PyOrchServer
