import Codes

/-! # Sums and products of codes -/

theorem codes_add_le (x y : Int) : code x + code y ≤ 14 := by
  have := code_le x
  sorry

theorem mul_code_le (x y : Int) : code x * code y ≤ 64 := by
  sorry

theorem dot_product_le (x y u v : Int) : code x * code y + code u * code v ≤ 128 := by
  have := mul_code_le x y
  have := mul_code_le u v
  omega

theorem le_mul_code (x y : Int) : -56 ≤ code x * code y := by
  sorry
