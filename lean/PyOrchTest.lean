import PyOrchTest.Axioms
import PyOrchTest.ClaimStatements
import PyOrchTest.PinAxioms
import PyOrchTest.PropertyStatements
import PyOrchTest.Statements

/-! # Goldens of the theorem library: building this is the test -/
