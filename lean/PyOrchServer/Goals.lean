import PyOrchServer.Elaborate

/-!
# Goals of holes and tactic steps
-/

open Lean Elab Command

namespace PyOrchServer

/-- Run a `MetaM` action on explicit contexts; `ContextInfo.runMetaM` does not compile here. -/
def runMeta {α : Type} (ci : ContextInfo) (mctx : MetavarContext) (lctx : LocalContext)
    (act : MetaM α) : IO (Option α) := do
  let core ← ST.mkRef ({ env := ci.env, ngen := ci.ngen } : Core.State)
  let coreCtx : Core.Context :=
    { fileName := "<goal>", fileMap := ci.fileMap, options := ci.options,
      currNamespace := ci.currNamespace, openDecls := ci.openDecls }
  let metaRef ← ST.mkRef ({ mctx } : Meta.State)
  match ← (act { lctx } metaRef coreCtx core).toBaseIO with
  | .ok a => return some a
  | .error _ => return none

def exprJson (e : Expr) : MetaM Json := do
  return str (← Meta.ppExpr e).pretty

def hypotheses : List (Option LocalDecl) → Array Json → MetaM Json
  | [], acc => return Json.arr acc
  | none :: rest, acc => hypotheses rest acc
  | some d :: rest, acc => do
    if d.isImplementationDetail then hypotheses rest acc
    else
      let value ← match d.value? with
        | some v => exprJson (← instantiateMVars v)
        | none => pure Json.null
      hypotheses rest (acc.push (Json.mkObj [("name", nameJson d.userName),
        ("type", ← exprJson (← instantiateMVars d.type)), ("value", value)]))

def goalJson (decl : MetavarDecl) (target : Expr) : MetaM Json := do
  let name := if decl.userName.isAnonymous then "" else nameStr decl.userName
  return Json.mkObj [("name", str name), ("target", ← exprJson target),
    ("hypotheses", ← hypotheses (arrayList decl.lctx.decls) #[])]

def goalsJson (ci : ContextInfo) (mctx : MetavarContext) : List MVarId → Array Json → IO Json
  | [], acc => return Json.arr acc
  | g :: rest, acc => do
    match mctx.findDecl? g with
    | none => goalsJson ci mctx rest acc
    | some decl =>
      let goal ← runMeta ci mctx decl.lctx do goalJson decl (← instantiateMVars decl.type)
      goalsJson ci mctx rest (match goal with
        | some j => acc.push j
        | none => acc)

def rangeJson (ci : ContextInfo) (stx : Syntax) : List (String × Json) :=
  let at_ (p? : Option String.Pos.Raw) : Json := match p? with
    | some p => position (ci.fileMap.toPosition p)
    | none => Json.null
  [("start", at_ stx.getPos?), ("end", at_ stx.getTailPos?)]

def withContext (ci? : Option ContextInfo) : PartialContextInfo → Option ContextInfo
  | .commandCtx c => some { toCommandContextInfo := c }
  | .parentDeclCtx n => match ci? with
    | some ci => some { ci with parentDecl? := some n }
    | none => none
  | .autoImplicitCtx _ => ci?

/-- Each `sorry` of the tree with its goals and, where asked for, each tactic step. -/
partial def walk (limits : Limits) (ci? : Option ContextInfo) (t : InfoTree)
    (acc : Array Json × Array Json) : IO (Array Json × Array Json) := do
  match t with
  | .context c t => walk limits (withContext ci? c) t acc
  | .hole _ => return acc
  | .node i children =>
    if isTacticSorry i then
      match ci?, i with
      | some ci, .ofTacticInfo ti =>
        let goals ← goalsJson ci ti.mctxBefore ti.goalsBefore #[]
        return (acc.1.push (hole ci ti.stx goals), acc.2)
      | _, _ => return acc
    let acc ← match ci?, i with
      | some ci, .ofTacticInfo ti =>
        if limits.steps && (ti.stx.getPos? true).isSome
            && (nameStr ti.stx.getKind).startsWith "Lean.Parser.Tactic." then do
          let before ← goalsJson ci ti.mctxBefore ti.goalsBefore #[]
          let after ← goalsJson ci ti.mctxAfter ti.goalsAfter #[]
          pure (acc.1, acc.2.push (Json.mkObj (append (rangeJson ci ti.stx)
            [("kind", nameJson ti.stx.getKind), ("before", before), ("after", after)])))
        else pure acc
      | some ci, .ofTermInfo ti =>
        if ti.stx.getKind == ``Lean.Parser.Term.sorry
            || (ti.stx.isIdent && ti.expr.isConstOf ``sorryAx) then
          let target ← match ti.expectedType? with
            | some ty => runMeta ci ci.mctx ti.lctx do
                let ty ← instantiateMVars ty
                return Json.arr #[Json.mkObj [("name", str ""), ("target", ← exprJson ty),
                  ("hypotheses", ← hypotheses (arrayList ti.lctx.decls) #[])]]
            | none => pure none
          pure (acc.1.push (hole ci ti.stx (target.getD (Json.arr #[]))), acc.2)
        else pure acc
      | _, _ => pure acc
    all (arrayList children) acc
where
  /-- It elaborates to a term `sorry`, which is not a second hole. -/
  isTacticSorry : Info → Bool
    | .ofTacticInfo ti => ti.stx.getKind == ``Lean.Parser.Tactic.tacticSorry
    | _ => false
  hole (ci : ContextInfo) (stx : Syntax) (goals : Json) : Json :=
    let parent := match ci.parentDecl? with
      | some n => nameJson n
      | none => Json.null
    Json.mkObj (append (rangeJson ci stx) [("declaration", parent), ("goals", goals)])
  all : List InfoTree → Array Json × Array Json → IO (Array Json × Array Json)
    | [], acc => return acc
    | t :: rest, acc => do all rest (← walk limits ci? t acc)

def holesOf (limits : Limits) : List Elaborated → Array Json × Array Json →
    IO (Array Json × Array Json)
  | [], acc => return acc
  | c :: rest, acc => do holesOf limits rest (← trees c.trees acc)
where
  trees : List InfoTree → Array Json × Array Json → IO (Array Json × Array Json)
    | [], acc => return acc
    | t :: rest, acc => do trees rest (← walk limits none t acc)

end PyOrchServer
