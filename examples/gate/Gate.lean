import Gate.Clamp
import Gate.Todo

/-! # The project: a proof, and one that is missing -/
