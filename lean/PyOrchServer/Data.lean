import Lean

/-!
# JSON and containers

The embedded build lacks the private bodies that the compiler would specialise, so `for`,
`List.map`, `HashMap.insert` and the like do not compile there: these are plain recursions.
-/

open Lean Elab Command

namespace PyOrchServer

def str (s : String) : Json := Json.str s
def num (n : Nat) : Json := Json.num (JsonNumber.fromNat n)

def getStr (j : Json) (key : String) (default : String := "") : String :=
  match j.getObjVal? key with
  | .ok (.str s) => s
  | _ => default

def getNat (j : Json) (key : String) (default : Nat) : Nat :=
  match j.getObjVal? key with
  | .ok v => match v.getNat? with
    | .ok n => n
    | _ => default
  | _ => default

def getBool (j : Json) (key : String) (default : Bool := false) : Bool :=
  match j.getObjVal? key with
  | .ok (.bool b) => b
  | _ => default

def strings : List Json → List String
  | [] => []
  | .str s :: rest => s :: strings rest
  | _ :: rest => strings rest

def getStrings (j : Json) (key : String) : List String :=
  match j.getObjVal? key with
  | .ok (.arr a) => strings a.toList
  | _ => []

def nats : List Json → List Nat
  | [] => []
  | j :: rest => match j.getNat? with
    | .ok n => n :: nats rest
    | _ => nats rest

def getNats (j : Json) (key : String) : List Nat :=
  match j.getObjVal? key with
  | .ok (.arr a) => nats a.toList
  | _ => []

def append {α : Type} : List α → List α → List α
  | [], ys => ys
  | x :: xs, ys => x :: append xs ys

/-- The elements of the first list, last first, onto the second. -/
def reverse {α : Type} : List α → List α → List α
  | [], acc => acc
  | x :: xs, acc => reverse xs (x :: acc)

def arrOf {α : Type} (f : α → Json) (l : List α) : Json := go l #[]
where
  go : List α → Array Json → Json
    | [], acc => Json.arr acc
    | a :: rest, acc => go rest (acc.push (f a))

/-- `Name.toString` does not compile against the embedded library; the formatter does. -/
def nameStr (n : Name) : String := (format n).pretty

def nameJson (n : Name) : Json := str (nameStr n)

def position (p : Position) : Json :=
  Json.mkObj [("line", num p.line), ("column", num p.column)]

partial def PersistentArrayNode.list {α : Type} (t : PersistentArrayNode α) (tail : List α) :
    List α :=
  match t with
  | .leaf vs => append vs.toList tail
  | .node cs => children cs.toList
where
  children : List (PersistentArrayNode α) → List α
    | [] => tail
    | c :: rest => PersistentArrayNode.list c (children rest)

def arrayList {α : Type} (a : PersistentArray α) : List α :=
  PersistentArrayNode.list a.root a.tail.toList

abbrev ConstNode := PersistentHashMap.Node Name ConstantInfo
abbrev ConstEntry := PersistentHashMap.Entry Name ConstantInfo ConstNode
abbrev Constants := List (Name × ConstantInfo)

def lacks (n : Name) : Constants → Bool
  | [] => true
  | (m, _) :: rest => m != n && lacks n rest

/-- The entries below a node, onto `acc`. -/
partial def constants (t : ConstNode) (acc : Constants) : Constants :=
  match t with
  | .collision ks vs _ => pairs ks.toList vs.toList acc
  | .entries es => entries es.toList acc
where
  pairs : List Name → List ConstantInfo → Constants → Constants
    | k :: ks, v :: vs, acc => pairs ks vs ((k, v) :: acc)
    | _, _, acc => acc
  entries : List ConstEntry → Constants → Constants
    | [], acc => acc
    | .entry k v :: rest, acc => entries rest ((k, v) :: acc)
    | .ref n :: rest, acc => entries rest (constants n acc)
    | .null :: rest, acc => entries rest acc

/-- Those of `new` that `old` lacks, onto `acc`. -/
def newest (old : Constants) : Constants → Constants → Constants
  | [], acc => acc
  | (n, c) :: rest, acc => newest old rest (if lacks n old then (n, c) :: acc else acc)

/-- What `new` has and `old`, a former version of it, lacks, onto `acc`. Shared subtrees are told by
their address, so the cost is that of what was added. -/
unsafe def addedImpl (old new : ConstNode) (acc : Constants) : Constants :=
  if ptrEq old new then acc
  else match old, new with
    | .entries es, .entries fs => entries es.toList fs.toList acc
    | _, _ => newest (constants old []) (constants new []) acc
where
  entries : List ConstEntry → List ConstEntry → Constants → Constants
    | e :: es, f :: fs, acc => entries es fs (entry e f acc)
    | _, _, acc => acc
  entry (e f : ConstEntry) (acc : Constants) : Constants :=
    match e, f with
    | .ref m, .ref n => addedImpl m n acc
    | _, .null => acc
    | .null, .entry k v => (k, v) :: acc
    | .null, .ref n => constants n acc
    | .entry k v, .ref n => newest [(k, v)] (constants n []) acc
    | .entry k _, .entry l w => if k == l then acc else (l, w) :: acc
    | .ref _, .entry _ _ => acc

@[implemented_by addedImpl]
def added (_ new : ConstNode) (acc : Constants) : Constants := constants new acc

/-- The module that a text becomes. No import can be called so: it is no name for a file. -/
def textModule : Name := `_stdin

/-- The name of an imported module. (`EnvironmentHeader.moduleNames` makes an array of all names,
each time.) -/
def moduleName (env : Environment) (i : Nat) : Name :=
  match env.header.modules[i]? with
  | some «import» => «import».module
  | none => .anonymous

/-- The module of a text that was compiled, and is imported now. -/
partial def textModuleIdx? (env : Environment) (i : Nat := 0) : Option Nat :=
  if i < env.header.modules.size then
    if moduleName env i == textModule then some i else textModuleIdx? env (i + 1)
  else none

/-- The constants of a text: those that `env` has beside its imports, or if the text was compiled
and is imported, those of its module. -/
def newConstants (env : Environment) : Constants :=
  match textModuleIdx? env with
  | some i =>
    let data := env.header.moduleData[i]!
    zipped data.constNames.toList data.constants.toList
  | none => constants env.constants.map₂.root []
where
  zipped : List Name → List ConstantInfo → Constants
    | n :: ns, c :: cs => (n, c) :: zipped ns cs
    | _, _ => []

/-- The constants that `new` has and `old`, from which it came, has not. -/
def addedConstants (old new : Environment) : Constants :=
  added old.constants.map₂.root new.constants.map₂.root []

end PyOrchServer
