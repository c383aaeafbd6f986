import PyOrchServer.States

/-!
# Tactics on saved proof states

What may be run, what is wrong with a proof that a tactic found, and one step.
-/

open Lean Elab Command

namespace PyOrchServer

/-! ## The policy -/

/-- Beside the words that no text from outside may have: what would leave a proof open, or ask the
compiler for it. -/
def refusedInSteps : List String := ["sorry", "admit", "stop", "native_decide"]

partial def hasWord (words : List String) (stx : Syntax) : Option String :=
  match stx with
  | .atom _ token => if words.contains token then some s!"'{token}'" else none
  | .node _ _ args => firstOf args.toList
  | _ => none
where
  firstOf : List Syntax → Option String
    | [] => none
    | s :: rest => (hasWord words s).orElse fun _ => firstOf rest

def parseTactic (s : Saved) (text : String) : Except String Syntax :=
  let env := s.core.env
  let ctx := s.place.core
  let ictx : Parser.InputContext :=
    { inputString := text, fileName := "<tactic>", fileMap := FileMap.ofString text,
      endPos := text.rawEndPos, endPos_valid := by simp }
  let pmctx : Parser.ParserModuleContext :=
    { env, options := ctx.options, currNamespace := ctx.currNamespace, openDecls := ctx.openDecls }
  let p := Parser.andthenFn Parser.whitespace Parser.Tactic.tacticSeq.fn
  let after := p.run ictx pmctx (Parser.getTokenTable env) (Parser.mkParserState text)
  if after.allErrors.size != 0 then .error (after.toErrorMsg ictx)
  else if !ictx.atEnd after.pos then .error ((after.mkError "end of input").toErrorMsg ictx)
  else
    let stx := after.stxStack.back
    match (refusal stx).orElse fun _ => hasWord refusedInSteps stx with
    | some why => .error s!"{why} may not be used"
    | none => .ok stx

/-! ## The check -/

/-- Constants that a proof found by search may not rest on by itself. (What it quotes from the text
around it may have a `sorry` of its own.) -/
def forbidden : List Name :=
  [``sorryAx, ``Lean.ofReduceBool, ``Lean.ofReduceNat, ``Lean.trustCompiler]

def firstForbidden : List Name → Option Name
  | [] => none
  | n :: rest => if forbidden.contains n then some n else firstForbidden rest

/-- What is wrong with constants that a tactic added. -/
def badAddition : List (Name × ConstantInfo) → Option String
  | [] => none
  | (n, c) :: rest => match c with
    | .axiomInfo _ => some s!"adds the axiom '{nameStr n}'"
    | _ => match firstForbidden (usedConstants c) with
      | some m => some s!"rests on '{nameStr m}'"
      | none => badAddition rest

def kernelWords : Kernel.Exception → String
  | .unknownConstant _ n => s!"unknown constant '{nameStr n}'"
  | .declTypeMismatch _ _ _ => "the proof does not have the type of the goal"
  | .declHasMVars _ _ _ => "metavariables are left"
  | .declHasFVars _ _ _ => "a local variable is out of its scope"
  | .deepRecursion => "deep recursion"
  | .excessiveMemory => "out of memory"
  | .deterministicTimeout => "time-out"
  | .interrupted => "interrupted"
  | _ => "it is ill-typed"

def mentionsItself (e : Expr) : List (Option LocalDecl) → Bool
  | [] => false
  | some d :: rest => (d.isAuxDecl && e.containsFVar d.fvarId) || mentionsItself e rest
  | none :: rest => mentionsItself e rest

/-- What is wrong with the complete proof of a goal. -/
def badProof (env : Environment) (heartbeats : Nat) (decl : MetavarDecl) (proof : Expr) :
    Option String :=
  if mentionsItself proof (arrayList decl.lctx.decls) then
    some "refers to the declaration that is being proved"
  else if proof.hasLevelMVar && !decl.type.hasLevelMVar then some "leaves universe levels open"
  else if proof.hasLevelMVar then none
  else
    let fvars := decl.lctx.getFVars
    let type := decl.lctx.mkForall fvars decl.type (generalizeNondepLet := true)
    let value := decl.lctx.mkLambda fvars proof (generalizeNondepLet := true)
    -- a `let` above the hole whose value is not known yet
    if type.hasExprMVar || value.hasExprMVar then none else
    let levels := (collectLevelParams (collectLevelParams {} type) value).params.toList
    let d : Declaration := .defnDecl
      { name := `_pyorch_step, levelParams := levels, type, value, hints := .opaque,
        safety := .safe }
    match env.addDeclCore heartbeats.toUSize d none with
    | .ok _ => none
    | .error e => some s!"the kernel rejects the proof: {kernelWords e}"

/-! ## One step -/

def shorten (s : String) : String :=
  if s.length ≤ 2000 then s else (String.ofList (cut 2000 s.toList)) ++ " …"
where
  cut : Nat → List Char → List Char
    | 0, _ | _, [] => []
    | n + 1, c :: rest => c :: cut n rest

def unassigned (mctx : MetavarContext) : List MVarId → List MVarId
  | [] => []
  | g :: rest =>
    if mctx.eAssignment.contains g || mctx.dAssignment.contains g then unassigned mctx rest
    else g :: unassigned mctx rest

def anyOf (ms : List MVarId) : List MVarId → Bool
  | [] => false
  | n :: rest => ms.contains n || anyOf ms rest

/-- Does what closes one goal decide what another one says? -/
def coupled : List (MVarId × List MVarId) → Bool
  | [] => false
  | (g, ms) :: rest => against g ms rest || coupled rest
where
  against (g : MVarId) (ms : List MVarId) : List (MVarId × List MVarId) → Bool
    | [] => false
    | (h, ns) :: rest => ms.contains h || ns.contains g || anyOf ms ns || against g ms rest

/-- The metavariables on which it depends what an expression will be. -/
partial def openIn (mctx : MetavarContext) (e : Expr) (acc : List MVarId) : List MVarId :=
  if e.hasExprMVar then each (Expr.collectMVars {} e).result.toList acc else acc
where
  each : List MVarId → List MVarId → List MVarId
    | [], acc => acc
    | m :: rest, acc => each rest (one m acc)
  one (m : MVarId) (acc : List MVarId) : List MVarId :=
    match mctx.getExprAssignmentCore? m with
    | some e => openIn mctx e acc
    | none => match mctx.getDelayedMVarAssignmentCore? m with
      | some d => one d.mvarIdPending acc
      | none => if acc.contains m then acc else append acc [m]

structure Seen where
  goal : MVarId
  decl : MetavarDecl
  closed : Expr
  mvars : List MVarId

def look : List MVarId → MetaM (List Seen)
  | [] => return []
  | g :: rest => do
    let decl ← declOf g
    let closed := closedGoal decl
    return { goal := g, decl, closed, mvars := openIn (← getMCtx) closed [] } :: (← look rest)

/-- What a step leads to. -/
inductive Result where
  | failed (why : String)
  /-- the goals of each new state, and what is owed in it -/
  | states (groups : List (List Seen)) (owed : List MVarId)

def singles : List Seen → List (List Seen)
  | [] => []
  | s :: rest => [s] :: singles rest

def links : List Seen → List (MVarId × List MVarId)
  | [] => []
  | s :: rest => (s.goal, s.mvars) :: links rest

/-- The proofs of `ms` so far: what is wrong with one, or those that are not complete. -/
def examine (env : Environment) (heartbeats : Nat) (open_ : List MVarId) :
    List MVarId → List MVarId → MetaM (Except String (List MVarId × List MVarId))
  | [], owed => return .ok (open_, owed)
  | m :: rest, owed => do
    if open_.contains m then examine env heartbeats open_ rest owed
    else
      let proof ← instantiateMVars (mkMVar m)
      if let some n := firstForbidden proof.getUsedConstants.toList then
        return .error s!"rests on '{nameStr n}'"
      if proof.hasExprMVar then
        examine env heartbeats (openIn (← getMCtx) proof open_) rest (m :: owed)
      else
        let decl ← declOf m
        match badProof env heartbeats decl proof with
        | some why => return .error why
        | none => examine env heartbeats open_ rest owed

def runTactic (s : Saved) (stx : Syntax) : TermElabM Result := do
  match s.goals with
  | [] => return .failed "no goals"
  | g :: rest =>
    let some decl := (← getMCtx).findDecl? g | return .failed "unknown goal"
    let ref ← ST.mkRef ({ goals := [g] } : Tactic.State)
    let tactic : TermElabM Unit := do
      Tactic.evalTactic stx { elaborator := .anonymous, recover := false } ref
      Term.synthesizeSyntheticMVarsNoPostponing
    fun termCtx termRef metaCtx => tactic termCtx termRef
      { metaCtx with lctx := decl.lctx, localInstances := decl.localInstances }
    let core ← getThe Core.State
    if hasError core.messages.toList then return .failed ""
    if let some why := badAddition (addedConstants s.core.env core.env) then return .failed why
    let after ← ref.get
    let goals := unassigned (← getMCtx) (append after.goals rest)
    match ← examine core.env s.place.core.maxHeartbeats goals (append s.owed (g :: rest)) [] with
    | .error why => return .failed why
    | .ok (goals, owed) =>
      let seen ← look goals
      if coupled (links seen) then return .states [seen] owed
      else return .states (singles seen) []

end PyOrchServer
