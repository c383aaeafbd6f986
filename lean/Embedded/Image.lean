/-!
# The image of the proof server, for the embedded toolchain

Interpreting `PyOrchServer.lean` needs its intermediate code and the signatures of the compiled
functions that it calls: 600 declarations out of Lean's 200,000. This program elaborates the server
once, at installation, and writes just those into a module without imports. A start then reads
300 kB in place of all of `import Lean`, which saves ten seconds.

`Boot.lean` elaborates the server's source and then this file, in one environment.
-/

namespace PyOrchServer.Image

open Lean

def calledBy : IR.Expr → List Name
  | .fap f _ => [f]
  | .pap f _ => [f]
  | _ => []

mutual
partial def calls (b : IR.FnBody) (acc : List Name) : List Name :=
  match b with
  | .vdecl _ _ e b => calls b (append (calledBy e) acc)
  | .jdecl _ _ v b => calls v (calls b acc)
  | .set _ _ _ b | .setTag _ _ b | .uset _ _ _ b | .sset _ _ _ _ _ b | .inc _ _ _ _ b
  | .dec _ _ _ _ b | .del _ b => calls b acc
  | .case _ _ _ alts => callsAlts alts.toList acc
  | _ => acc

partial def callsAlts : List IR.Alt → List Name → List Name
  | [], acc => acc
  | .ctor _ b :: rest, acc => callsAlts rest (calls b acc)
  | .default b :: rest, acc => callsAlts rest (calls b acc)
end

def declCalls : IR.Decl → List Name
  | .fdecl _ _ _ b _ => calls b []
  | _ => []

structure Collected where
  seen : NameSet := {}
  decls : List IR.Decl := []
  missing : List Name := []

/-- The declarations that interpreting `todo` meets: bodies are followed only where they are ours,
since all others run compiled. -/
partial def collect (env : Environment) (todo : List Name) (c : Collected) : Collected :=
  match todo with
  | [] => c
  | n :: rest =>
    if c.seen.contains n then collect env rest c
    else
      let seen := c.seen.insert n
      match IR.findEnvDecl env n with
      | none => collect env rest { c with seen, missing := n :: c.missing }
      | some d =>
        let next := match env.getModuleIdxFor? n with
          | none => append (declCalls d) rest
          | some _ => rest
        collect env next { c with seen, decls := d :: c.decls }

def split (pivot : Name) : List IR.Decl → List IR.Decl × List IR.Decl
  | [] => ([], [])
  | d :: rest =>
    let (below, above) := split pivot rest
    if Name.quickLt d.name pivot then (d :: below, above) else (below, d :: above)

/-- Lean looks declarations up by binary search in the order of `Name.quickLt`. -/
partial def sort : List IR.Decl → List IR.Decl
  | [] => []
  | d :: rest =>
    let (below, above) := split d.name rest
    append (sort below) (d :: sort above)

def toDecls : List IR.Decl → Array IR.Decl → Array IR.Decl
  | [], acc => acc
  | d :: rest, acc => toDecls rest (acc.push d)

def toNames : List IR.Decl → Array Name → Array Name
  | [], acc => acc
  | d :: rest, acc => toNames rest (acc.push d.name)

/-- A name is found in a module only as a constant of it; nothing is ever proved in this module. -/
def toConstants : List IR.Decl → Array ConstantInfo → Array ConstantInfo
  | [], acc => acc
  | d :: rest, acc => toConstants rest (acc.push
      (.axiomInfo { name := d.name, levelParams := [], type := .sort .zero, isUnsafe := false }))

unsafe def image (decls : List IR.Decl) : ModuleData :=
  { isModule := true, imports := #[], constNames := toNames decls #[],
    constants := toConstants decls #[], extraConstNames := #[],
    entries := #[(`Lean.IR.declMapExt, unsafeCast (toDecls decls #[]))] }

def render : List Name → String
  | [] => ""
  | n :: rest => (format n).pretty ++ " " ++ render rest

unsafe def write (env : Environment) : IO Unit := do
  let c := collect env [`main, `main._boxed] {}
  match c.missing with
  | [] => saveModuleData "/boot/PyOrchServerImage.olean" `PyOrchServerImage (image (sort c.decls))
  | missing => throw (IO.userError s!"no code for {render missing}")

end PyOrchServer.Image

elab "#write_image" : command => do
  let env ← Lean.getEnv
  unsafe PyOrchServer.Image.write env

#write_image
