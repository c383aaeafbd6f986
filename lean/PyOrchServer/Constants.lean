import PyOrchServer.Data

/-!
# Facts about constants
-/

open Lean Elab Command

namespace PyOrchServer

/-- Where Lean's own modules are. -/
def standardRoots : List Name := [`Init, `Std, `Lean]

/-- Is `n` from Lean's own library? -/
def isStandard (env : Environment) (n : Name) : Bool :=
  match env.getModuleIdxFor? n with
  | none => false
  | some i => standardRoots.contains (moduleName env i.toNat).getRoot

/-- Is `n` imported, and not from a text that was compiled? -/
def isBelow (env : Environment) (n : Name) : Bool :=
  match env.getModuleIdxFor? n with
  | none => false
  | some i => moduleName env i.toNat != textModule

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
  /-- axioms, in the order in which they were met -/
  axioms : List Name := []
  /-- theorems of the standard library whose proofs this build does not carry: a set of bits -/
  bodyless : Nat := 0
deriving Inhabited

/-- A search tree over hashes, which are random enough to keep it flat. (Lean's own maps are
generic, and their code is not among what the embedded build can link.) -/
inductive SupportMap where
  | empty
  | node (key : Name) (value : Support) (smaller others : SupportMap)
deriving Inhabited

def SupportMap.find? (n : Name) : SupportMap → Option Support
  | empty => none
  | node key value smaller others =>
    if n.hash < key.hash then smaller.find? n
    else if n == key then some value
    else others.find? n

def SupportMap.insert (n : Name) (s : Support) : SupportMap → SupportMap
  | empty => node n s empty empty
  | node key value smaller others =>
    if n.hash < key.hash then node key value (smaller.insert n s) others
    else if n == key then node key s smaller others
    else node key value smaller (others.insert n s)

/-- Supports that are known already. Those of imported constants serve every text that is elaborated
on the same imports. -/
structure Supports where
  imported : SupportMap := .empty
  here : SupportMap := .empty
  /-- the bit of the next theorem without a body -/
  nextBit : Nat := 0
deriving Inhabited

def insertNew (n : Name) : List Name → List Name
  | [] => [n]
  | m :: rest => if m == n then m :: rest else m :: insertNew n rest

def Support.union (a b : Support) : Support :=
  { axioms := names a.axioms b.axioms, bodyless := a.bodyless ||| b.bodyless }
where
  names (acc : List Name) : List Name → List Name
    | [] => acc
    | n :: rest => names (insertNew n acc) rest

def countBits (n : Nat) : Nat := go n.log2.succ n 0
where
  go : Nat → Nat → Nat → Nat
    | 0, _, acc => acc
    | fuel + 1, n, acc => go fuel (n / 2) (acc + n % 2)

def Support.bodylessCount (s : Support) : Nat := countBits s.bodyless

def isImported (env : Environment) (n : Name) : Bool := (env.getModuleIdxFor? n).isSome

def Supports.find? (t : Supports) (n : Name) : Option Support :=
  match t.imported.find? n with
  | some s => some s
  | none => t.here.find? n

def Supports.put (t : Supports) (env : Environment) (n : Name) (s : Support) : Supports :=
  if isImported env n then { t with imported := t.imported.insert n s }
  else { t with here := t.here.insert n s }

/-- An inductive type and what is generated from it refer to each other; they rest on the same. -/
def representative (n : Name) : ConstantInfo → Name
  | .ctorInfo v => v.induct
  | .recInfo v => match v.all with
    | [] => n
    | m :: _ => m
  | .inductInfo v => match v.all with
    | [] => n
    | m :: _ => m
  | _ => n

/-- Everything that a block of mutual inductive types refers to, itself left out. -/
def usedByBlock (env : Environment) (block : List Name) : List Name :=
  types block
where
  types : List Name → List Name
    | [] => []
    | n :: rest => match env.find? n with
      | some (.inductInfo v) =>
        others v.type.getUsedConstants.toList (constructors v.ctors (types rest))
      | _ => n :: types rest
  constructors : List Name → List Name → List Name
    | [], acc => acc
    | n :: rest, acc => match env.find? n with
      | some c => others c.type.getUsedConstants.toList (constructors rest acc)
      | none => n :: constructors rest acc
  others : List Name → List Name → List Name
    | [], acc => acc
    | n :: rest, acc => if block.contains n then others rest acc else n :: others rest acc

/-- What `n` rests on. The standard library is left at its border where its bodies are absent
(embedded); its axioms are recognised there by their original kind. -/
partial def support (env : Environment) (n : Name) (t : Supports) : Support × Supports :=
  match t.find? n with
  | some s => (s, t)
  | none => match env.find? n with
    | none => keep { axioms := [n] } t
    | some c =>
      if kindOf env n c == .axiom || (isAxiom c && !isStandard env n) then
        -- the kind is what a module says of itself; only Lean's own are believed
        keep { axioms := [n] } t
      else if isStandard env n && System.Platform.isEmscripten then
        match c with
        | .axiomInfo _ => keep { bodyless := 1 <<< t.nextBit } { t with nextBit := t.nextBit + 1 }
        | _ => keep {} t
      else
        let r := representative n c
        if r != n then
          let (s, t) := support env r t
          keep s t
        else
          -- for now: a constant that rests on itself rests on nothing, and is shown as an axiom
          let t := t.put env n { axioms := [n] }
          let used := match c with
            | .inductInfo v => usedByBlock env v.all
            | _ => usedConstants c
          let (s, t) := all used {} t
          keep s t
where
  isAxiom : ConstantInfo → Bool
    | .axiomInfo _ => true
    | _ => false
  keep (s : Support) (t : Supports) : Support × Supports := (s, t.put env n s)
  all : List Name → Support → Supports → Support × Supports
    | [], s, t => (s, t)
    | m :: rest, s, t =>
      let (below, t) := support env m t
      all rest (s.union below) t

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
    if seen.contains n || isBelow a n then difference a b rest seen
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
