import PyOrchServer.Data

/-!
# Facts about constants
-/

open Lean Elab Command

namespace PyOrchServer

/-- Is `n` from Lean's own library? -/
def isStandard (env : Environment) (n : Name) : Bool :=
  match env.getModuleIdxFor? n with
  | none => false
  | some i => [`Init, `Std, `Lean, `Lake].contains (env.header.moduleNames[i.toNat]!).getRoot

def kindOf (env : Environment) (n : Name) (c : ConstantInfo) : ConstantKind :=
  match getOriginalConstKind? env n with
  | some k => k
  | none => ConstantKind.ofConstantInfo c

def kindStr : ConstantKind → String
  | .defn => "definition"
  | .thm => "theorem"
  | .axiom => "axiom"
  | .opaque => "opaque"
  | .quot => "quotient"
  | .induct => "inductive"
  | .ctor => "constructor"
  | .recursor => "recursor"

def usedConstants (c : ConstantInfo) : List Name :=
  let fromType := c.type.getUsedConstants.toList
  let fromValue := match c with
    | .defnInfo v => v.value.getUsedConstants.toList
    | .thmInfo v => v.value.getUsedConstants.toList
    | .opaqueInfo v => v.value.getUsedConstants.toList
    | .inductInfo v => v.ctors
    | .ctorInfo v => [v.induct]
    | .recInfo v => v.all
    | _ => []
  append fromValue fromType

/-- What a constant rests on. -/
structure Support where
  seen : NameSet := {}
  /-- axioms, in the order in which they were met -/
  axioms : List Name := []
  /-- theorems of the standard library whose proofs this build does not carry -/
  bodyless : Nat := 0

/-- Walk everything below `n`. The standard library is left at its border where its bodies are
absent (embedded); its axioms are recognised there by their original kind. -/
partial def support (env : Environment) (todo : List Name) (s : Support) : Support :=
  match todo with
  | [] => s
  | n :: rest =>
    if s.seen.contains n then support env rest s
    else
      let s := { s with seen := s.seen.insert n }
      match env.find? n with
      | none => support env rest { s with axioms := n :: s.axioms }
      | some c =>
        if kindOf env n c == .axiom then support env rest { s with axioms := n :: s.axioms }
        else if isStandard env n && System.Platform.isEmscripten then
          match c with
          | .axiomInfo _ => support env rest { s with bodyless := s.bodyless + 1 }
          | _ => support env rest s
        else support env (append (usedConstants c) rest) s

def mixName (h : UInt64) (n : Name) : UInt64 := mixHash h n.hash

/-- A 64-bit fingerprint of a statement together with the local definitions below it. It follows
statements over time; what is proved is compared in full by `sameStatement`, never by this. -/
partial def fingerprint (env : Environment) (todo : List Name) (seen : NameSet) (h : UInt64) :
    UInt64 :=
  match todo with
  | [] => h
  | n :: rest =>
    if seen.contains n || (env.getModuleIdxFor? n).isSome then fingerprint env rest seen h
    else match env.find? n with
      | some c =>
        let h := mixHash (mixName h n) c.type.hash
        let h := match c with
          | .defnInfo v => mixHash h v.value.hash
          | .opaqueInfo v => mixHash h v.value.hash
          | _ => h
        fingerprint env (append (usedConstants c) rest) (seen.insert n) h
      | none => fingerprint env rest seen h

def statementHash (env : Environment) (c : ConstantInfo) : UInt64 :=
  fingerprint env c.type.getUsedConstants.toList {} c.type.hash

/-- Do `n` and all local definitions below its statement mean the same in `a` and `b`?
For a definition its value counts; for a theorem its type. The first difference is returned. -/
partial def difference (a b : Environment) (todo : List (Name × Bool)) (seen : NameSet) :
    Option String :=
  match todo with
  | [] => none
  | (n, isGoal) :: rest =>
    if seen.contains n || (a.getModuleIdxFor? n).isSome then difference a b rest seen
    else match a.find? n, b.find? n with
      | some c, some d =>
        if c.levelParams != d.levelParams || !(c.type == d.type) then
          some s!"'{nameStr n}' does not have the statement that was asked"
        else if !sameKind c d then some s!"'{nameStr n}' is not of the kind that was asked"
        else if !isGoal && !sameValue c d then
          some s!"'{nameStr n}' is not defined as it was in what was asked"
        else
          let below := if isGoal then c.type.getUsedConstants.toList else usedConstants c
          difference a b (tagged below rest) (seen.insert n)
      | _, none => some s!"'{nameStr n}' is missing"
      | none, _ => some s!"'{nameStr n}' is not in what was asked"
where
  tagged : List Name → List (Name × Bool) → List (Name × Bool)
    | [], acc => acc
    | n :: ns, acc => (n, false) :: tagged ns acc
  sameKind : ConstantInfo → ConstantInfo → Bool
    | .defnInfo _, .defnInfo _ | .thmInfo _, .thmInfo _ | .axiomInfo _, .axiomInfo _
    | .opaqueInfo _, .opaqueInfo _ | .quotInfo _, .quotInfo _ | .inductInfo _, .inductInfo _
    | .ctorInfo _, .ctorInfo _ | .recInfo _, .recInfo _ => true
    | _, _ => false
  /-- Theorems below a statement may be proved differently. -/
  sameValue : ConstantInfo → ConstantInfo → Bool
    | .defnInfo v, .defnInfo w => v.value == w.value && v.safety == w.safety
    | .opaqueInfo v, .opaqueInfo w => v.value == w.value
    | .inductInfo v, .inductInfo w =>
      v.ctors == w.ctors && v.all == w.all && v.numParams == w.numParams
        && v.numIndices == w.numIndices
    | _, _ => true

end PyOrchServer
