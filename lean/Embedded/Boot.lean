import Lean

/-!
# Elaborates the proof server and writes its image

The embedded `lean` treats each file on its command line as a `module`, in which code that writes a
module cannot be run; text that a program elaborates is not so restricted. Hence this detour.
-/

open Lean Elab

def printAll : List Message → IO Unit
  | [] => return ()
  | m :: rest => do IO.println (← m.toString); printAll rest

partial def elabFiles (state : Command.State) : List String → IO Bool
  | [] => return true
  | file :: rest => do
    let text ← IO.FS.readFile file
    let ictx : Parser.InputContext :=
      { inputString := text, fileName := file, fileMap := FileMap.ofString text,
        endPos := text.rawEndPos, endPos_valid := by simp }
    let (_, ps, log) ← Parser.parseHeader ictx
    let s ← IO.processCommands ictx ps { state with messages := log }
    if s.commandState.messages.hasErrors then
      printAll s.commandState.messages.toList
      return false
    -- what a file opens is closed at its end
    elabFiles { s.commandState with scopes := [{ header := "" }] } rest

/-- In the order of their imports; the headers are skipped. -/
def sources : List String := [
  "/boot/PyOrchServer/Data.lean", "/boot/PyOrchServer/Policy.lean",
  "/boot/PyOrchServer/Constants.lean", "/boot/PyOrchServer/Replay.lean",
  "/boot/PyOrchServer/Elaborate.lean", "/boot/PyOrchServer/Goals.lean",
  "/boot/PyOrchServer/Modules.lean",
  "/boot/PyOrchServer/Sorries.lean", "/boot/PyOrchServer/States.lean",
  "/boot/PyOrchServer/Tactics.lean", "/boot/PyOrchServer/Steps.lean",
  "/boot/PyOrchServer/Theorems.lean", "/boot/PyOrchServer/Pose.lean", "/boot/PyOrchServer.lean",
  "/boot/Embedded/Image.lean"]

public def main : IO Unit := do
  let env ← importModules #[{ module := `Lean }] {} (loadExts := true)
  let ok ← elabFiles (Command.mkState env {} {}) sources
  if ok then IO.println "image written"
  (← IO.getStdout).flush
  IO.Process.exit 0
