import Codes

/-! # Products of codes -/

theorem code_mul_le (x y : Int) : code x * code y ≤ 64 := by
  sorry

theorem dot_product_le (x y u v : Int) : code x * code y + code u * code v ≤ 128 := by
  have := code_mul_le x y
  have := code_mul_le u v
  omega

theorem le_code_mul (x y : Int) : -56 ≤ code x * code y := by
  sorry
