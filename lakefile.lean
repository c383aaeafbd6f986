import Lake
open Lake DSL

package pyorch where
  srcDir := "lean"

/-- The theorem library. -/
@[default_target]
lean_lib PyOrch

/-- Goldens and pinned axioms: building it is the test. -/
@[test_driver]
lean_lib PyOrchTest

lean_lib PyOrchServer

/-- The proof server: JSON over pipes. -/
@[default_target]
lean_exe «pyorch-server» where
  root := `PyOrchServer
  supportInterpreter := true
