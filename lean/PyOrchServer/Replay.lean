import PyOrchServer.Constants

/-!
# Replay: every declaration once more through the kernel

Whatever a metaprogram did to the environment, only what the kernel accepts on top of the untouched
imports arrives in the result.
-/

open Lean Elab Command

namespace PyOrchServer

structure Replay where
  env : Environment
  done : NameSet := {}

partial def replay (source : Environment) (n : Name) (r : Replay) : Except String Replay :=
  if r.done.contains n || (r.env.find? n).isSome then .ok r
  else match source.find? n with
    | none => .error s!"unknown constant '{nameStr n}'"
    | some c => do
      -- compiled code only; if anything safe used it, the kernel would not find it
      if c.isUnsafe || c.isPartial then return r
      let r ← below (usedBefore c) { r with done := r.done.insert n }
      match c with
      | .defnInfo v => add r n (.defnDecl v)
      | .thmInfo v => add r n (.thmDecl v)
      | .opaqueInfo v => add r n (.opaqueDecl v)
      | .inductInfo v => do
        let types ← inductives v.all
        let r ← belowTypes types r
        add r n (.inductDecl v.levelParams v.numParams types v.isUnsafe)
      | .ctorInfo v => below [v.induct] r
      | .recInfo v => below v.all r
      | .axiomInfo v =>
        -- one of a module of the user's: what rests on it is told by `support`
        if isBelow source n then add r n (.axiomDecl v)
        else .error s!"'{nameStr n}' is an axiom"
      | .quotInfo _ => .ok r
where
  usedBefore : ConstantInfo → List Name
    | .inductInfo _ | .ctorInfo _ | .recInfo _ => []
    | c => usedConstants c
  below : List Name → Replay → Except String Replay
    | [], r => .ok r
    | n :: ns, r => do below ns (← replay source n r)
  belowTypes : List InductiveType → Replay → Except String Replay
    | [], r => .ok r
    | t :: ts, r => do
      let r ← below (others t.type) r
      belowTypes ts (← belowCtors t.ctors r)
  belowCtors : List Constructor → Replay → Except String Replay
    | [], r => .ok r
    | c :: cs, r => do belowCtors cs (← below (others c.type) r)
  others (e : Expr) : List Name := e.getUsedConstants.toList
  inductives : List Name → Except String (List InductiveType)
    | [] => .ok []
    | n :: ns => do
      match source.find? n with
      | some (.inductInfo v) =>
        return { name := n, type := v.type, ctors := ← ctors v.ctors } :: (← inductives ns)
      | _ => .error s!"'{nameStr n}' is not an inductive type"
  ctors : List Name → Except String (List Constructor)
    | [] => .ok []
    | n :: ns => do
      match source.find? n with
      | some (.ctorInfo v) => return { name := n, type := v.type } :: (← ctors ns)
      | _ => .error s!"'{nameStr n}' is not a constructor"
  add (r : Replay) (n : Name) (d : Declaration) : Except String Replay :=
    match r.env.addDeclCore 0 d none with
    | .ok env => .ok { r with env }
    | .error e => .error s!"the kernel rejects '{nameStr n}': {kernelError e}"
  kernelError : Kernel.Exception → String
    | .unknownConstant _ n => s!"unknown constant '{nameStr n}'"
    | .alreadyDeclared _ n => s!"'{nameStr n}' is already declared"
    | .declTypeMismatch _ _ _ => "the proof does not have the type of the statement"
    | .declHasMVars _ _ _ => "it has metavariables"
    | .declHasFVars _ _ _ => "it has free variables"
    | .deepRecursion => "deep recursion"
    | .excessiveMemory => "out of memory"
    | .deterministicTimeout => "time-out"
    | .interrupted => "interrupted"
    | _ => "ill-typed"

/-- After replay: do the generated constants (constructors, recursors) agree with `source`? -/
def agrees (source : Environment) (k : Environment) :
    List (Name × ConstantInfo) → Option Name
  | [] => none
  | (n, c) :: rest =>
    if generated c && !c.isUnsafe then
      match k.find? n with
      | some d => if c.type == d.type && sameRules c d then agrees source k rest else some n
      | none => some n
    else agrees source k rest
where
  generated : ConstantInfo → Bool
    | .ctorInfo _ | .recInfo _ => true
    | _ => false
  sameRules : ConstantInfo → ConstantInfo → Bool
    | .recInfo v, .recInfo w => rules v.rules w.rules && v.k == w.k
    | .ctorInfo v, .ctorInfo w => v.cidx == w.cidx && v.numFields == w.numFields
    | _, _ => false
  rules : List RecursorRule → List RecursorRule → Bool
    | [], [] => true
    | a :: as, b :: bs =>
      a.ctor == b.ctor && a.nfields == b.nfields && a.rhs == b.rhs && rules as bs
    | _, _ => false

end PyOrchServer
