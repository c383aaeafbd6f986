import PyOrchServer.Data

/-!
# What text from outside may contain

The audit checks what was proved; this list keeps text from outside from running code of its own
while it is elaborated. Commands not listed are refused before they are elaborated.
-/

open Lean Elab Command

namespace PyOrchServer

def allowedCommands : List Name := [
  ``Lean.Parser.Command.declaration, ``Lean.Parser.Command.mutual,
  ``Lean.Parser.Command.namespace, ``Lean.Parser.Command.section, ``Lean.Parser.Command.end,
  ``Lean.Parser.Command.open, ``Lean.Parser.Command.variable, ``Lean.Parser.Command.universe,
  ``Lean.Parser.Command.set_option, ``Lean.Parser.Command.in, ``Lean.Parser.Command.moduleDoc,
  ``Lean.Parser.Command.attribute, ``Lean.Parser.Command.omit, ``Lean.Parser.Command.include,
  ``Lean.Parser.Command.export, ``Lean.Parser.Command.check, ``Lean.Parser.Command.print,
  ``Lean.Parser.Command.printAxioms, ``Lean.Parser.Command.eoi, `null,
  ``Lean.Parser.Command.notation, ``Lean.Parser.Command.mixfix]

def allowedDeclarations : List Name := [
  ``Lean.Parser.Command.abbrev, ``Lean.Parser.Command.definition, ``Lean.Parser.Command.theorem,
  ``Lean.Parser.Command.example, ``Lean.Parser.Command.instance, ``Lean.Parser.Command.structure,
  ``Lean.Parser.Command.inductive, ``Lean.Parser.Command.classInductive]

/-- Tokens with which a term, a tactic or a modifier runs code of the text, reads files, or steps
around the kernel. Compared with the atoms of parsed syntax, so a name that contains one is fine. -/
def refusedTokens : List String := [
  "run_tac", "by_elab", "run_cmd", "run_elab", "run_meta", "unsafe", "include_str", "initialize",
  "builtin_initialize", "axiom", "#eval", "eval%", "elab_stx%"]

def allowedAttributes : List String := [
  "simp", "grind", "reducible", "irreducible", "semireducible", "inline", "noinline",
  "macro_inline", "specialize", "nospecialize", "instance", "ext", "refl", "symm", "elab_as_elim",
  "default_instance", "class", "match_pattern", "local", "scoped", "implicit_reducible",
  "instance_reducible", "expose"]

def allowedOptionRoots : List String := [
  "maxHeartbeats", "maxRecDepth", "pp", "linter", "autoImplicit", "relaxedAutoImplicit",
  "synthInstance", "trace", "diagnostics", "exponentiation", "profiler", "hygiene", "format",
  "smartUnfolding", "structureDiamondWarning", "warn"]

/-- The first reason to refuse `stx`, if any. -/
partial def refusal (stx : Syntax) : Option String :=
  match stx with
  | .atom _ token => if refusedTokens.contains token then some s!"'{token}'" else none
  | .node _ kind args =>
    if kind == ``Lean.Parser.Term.attrInstance then inAttribute args.toList
    else if kind == ``Lean.Parser.Command.set_option || kind == ``Lean.Parser.Term.set_option
        || kind == ``Lean.Parser.Tactic.set_option then inOption args.toList
    else firstOf args.toList
  | _ => none
where
  firstOf : List Syntax → Option String
    | [] => none
    | s :: rest => (refusal s).orElse fun _ => firstOf rest
  /-- The name of an attribute is the first identifier or word in it. -/
  inAttribute : List Syntax → Option String
    | args =>
      let word := firstWord (mkNullNode args.toArray)
      if allowedAttributes.contains word then firstOf args else some s!"the attribute '{word}'"
  inOption : List Syntax → Option String
    | args =>
      let word := firstIdent (mkNullNode args.toArray)
      if allowedOptionRoots.contains (nameStr word.getRoot) then firstOf args
      else some s!"the option '{nameStr word}'"
  firstIdent : Syntax → Name
    | .ident _ _ n _ => n
    | .node _ _ args => identIn args.toList
    | _ => .anonymous
  identIn : List Syntax → Name
    | [] => .anonymous
    | s :: rest => let n := firstIdent s; if n.isAnonymous then identIn rest else n
  firstWord : Syntax → String
    | .atom _ t => t
    | .ident _ _ n _ => nameStr n
    | .node _ _ args => wordIn args.toList
    | _ => ""
  /-- An empty `attrKind` (neither `local` nor `scoped`) is skipped, a given one too. -/
  wordIn : List Syntax → String
    | [] => ""
    | s :: rest =>
      let w := firstWord s
      if w.isEmpty || w == "local" || w == "scoped" then wordIn rest else w

/-- Why text from outside may not have the command `stx`, if so. -/
def commandRefusal (stx : Syntax) : Option String :=
  let kind := stx.getKind
  if !allowedCommands.contains kind then some s!"the command '{nameStr kind}'"
  else if kind == ``Lean.Parser.Command.declaration
      && !allowedDeclarations.contains (stx.getArg 1).getKind then
    some s!"the declaration '{nameStr (stx.getArg 1).getKind}'"
  else refusal stx

end PyOrchServer
