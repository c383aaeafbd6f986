import PyOrchServer.Constants

/-!
# Writing compiled modules

Code that a module brings for others (its notation, macros and tactics) is looked up by the module
that has a constant of its name. `extraConstNames`, where the compiler's auxiliary functions stand,
is not consulted for this by the embedded build, so there such functions become constants too.
-/

open Lean

namespace PyOrchServer

/-- Nothing can be proved with it: it is unsafe, and says no more than `True`. -/
def placeholder (n : Name) : ConstantInfo :=
  .defnInfo
    { name := n, levelParams := [], type := .const ``True [], value := .const ``True.intro [],
      hints := .opaque, safety := .unsafe, all := [n] }

/-- Adds names as placeholders, but for those that are constants already. -/
def withPlaceholders (env : Environment) : List Name → ModuleData → ModuleData
  | [], data => data
  | n :: rest, data =>
    let more : ModuleData := { data with
      constNames := data.constNames.push n, constants := data.constants.push (placeholder n) }
    withPlaceholders env rest (if env.contains n then data else more)

/-- The library brings no such code, and is large. -/
def writeCompiled (env : Environment) (file : System.FilePath) : IO Unit := do
  if System.Platform.isEmscripten && env.mainModule.getRoot != `PyOrch then
    let data ← mkModuleData env
    let names := data.extraConstNames.toList
    saveModuleData file env.mainModule
      (withPlaceholders env names { data with extraConstNames := #[] })
  else writeModule env file

end PyOrchServer
