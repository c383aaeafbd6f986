import Lean

/-!
# Pinned axioms

`#pin_axioms PyOrch.foo [propext]` fails unless the library's own part of the proof of `PyOrch.foo`
uses exactly these axioms: those that occur in declarations of `PyOrch` modules, followed from
`PyOrch.foo` down to where the standard library begins. That set does not depend on the toolchain;
the embedded one carries no proofs of the standard library. Where they are there, the whole proof
must do with the three standard axioms.

The embedded build cannot compile code that specialises the library's generic functions: these are
plain recursions.
-/

open Lean Elab Command

namespace PyOrchTest

/-- Is `n` declared in a module of the theorem library, or in the file at hand? -/
def isOurs (env : Environment) (n : Name) : Bool :=
  match env.getModuleIdxFor? n with
  | none => true
  | some i => match env.header.modules[i.toNat]? with  -- `moduleNames` makes an array, each time
    | some «import» => «import».module.getRoot == `PyOrch
    | none => false

/-- The embedded build has the standard library's theorems as axioms, but knows what they were. -/
def isKind (env : Environment) (n : Name) (c : ConstantInfo) (kind : ConstantKind) : Bool :=
  match getOriginalConstKind? env n with
  | some k => k == kind
  | none => ConstantKind.ofConstantInfo c == kind

/-- The first list, last first, before the second. -/
def pushAll : List Name → List Name → List Name
  | [], names => names
  | n :: rest, names => pushAll rest (n :: names)

/-- The constants to which a declaration refers. -/
def refersTo (c : ConstantInfo) (names : List Name) : List Name :=
  let names := pushAll c.type.getUsedConstants.toList names
  match c with
  | .defnInfo v => pushAll v.value.getUsedConstants.toList names
  | .thmInfo v => pushAll v.value.getUsedConstants.toList names
  | .opaqueInfo v => pushAll v.value.getUsedConstants.toList names
  | .inductInfo v => pushAll v.ctors names
  | .ctorInfo v => v.induct :: names
  | .recInfo v => pushAll v.all names
  | _ => names

/-- The axioms that occur in our declarations below `todo`, in the order in which they are met. -/
partial def axiomsBelow (env : Environment) (todo : List Name) (seen : NameSet) : List Name :=
  match todo with
  | [] => []
  | n :: rest =>
    if seen.contains n then axiomsBelow env rest seen
    else
      let seen := seen.insert n
      match env.find? n with
      | none => n :: axiomsBelow env rest seen
      | some c =>
        if isKind env n c .axiom then n :: axiomsBelow env rest seen
        else if isOurs env n then axiomsBelow env (refersTo c rest) seen
        else axiomsBelow env rest seen

/-- Are all of the first among the second? -/
def subset : List Name → List Name → Bool
  | [], _ => true
  | n :: rest, names => names.contains n && subset rest names

/-- The names of identifiers. -/
def namesOf : List Syntax → List Name
  | [] => []
  | .ident _ _ n _ :: rest => n :: namesOf rest
  | _ :: rest => namesOf rest

/-- `propext, Quot.sound`. -/
def commaSeparated : List Name → String
  | [] => ""
  | [n] => (format n).pretty
  | n :: rest => (format n).pretty ++ ", " ++ commaSeparated rest

/-- The axioms that a proof may rest on. -/
def standardAxioms : List Name := [``propext, ``Classical.choice, ``Quot.sound]

/-- What is wrong with a pin; `none` if nothing is. The message has the line as it should be. -/
def pinProblem (env : Environment) (n : Name) (expected : List Name) : Option String :=
  match env.find? n with
  | none => some ("there is no " ++ (format n).pretty)
  | some c =>
    if isKind env n c .thm then
      let found := axiomsBelow env [n] {}
      if subset found expected && subset expected found then none
      else some ("it is #pin_axioms " ++ (format n).pretty ++ " [" ++ commaSeparated found ++ "]")
    else some ((format n).pretty ++ " is not a theorem")

/-- What is wrong with the whole proof, where it is there; `none` if nothing is. -/
def wholeProblem (env : Environment) (n : Name) : Option String :=
  if System.Platform.isEmscripten then none
  else
    let found := (((CollectAxioms.collect n).run env).run {}).2.axioms.toList
    if subset found standardAxioms then none
    else some ("its whole proof rests on " ++ commaSeparated found)

syntax (name := pinAxioms) "#pin_axioms " ident " [" ident,* "]" : command

/-- Fails unless the axioms are exactly the listed ones. -/
@[command_elab pinAxioms] def elabPinAxioms : CommandElab := fun stx => do
  let env ← getEnv
  let n := stx[1].getId
  match (pinProblem env n (namesOf stx[3].getArgs.toList)).or (wholeProblem env n) with
  | some problem => throw (.error stx (MessageData.ofFormat (format problem)))
  | none => pure ()

end PyOrchTest
