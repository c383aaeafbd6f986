import PyOrchTest.Statements

/-! # Goldens of the theorem library: building this is the test -/
