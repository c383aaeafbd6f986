import PyOrch

/-!
# Golden statements of the claims

The main theorem of each family of claims that `PyOrchTest.Statements` does not have.
-/

namespace PyOrch

/-- info: isNearest_roundHalfEven : IsNearest roundHalfEven -/
#guard_msgs in
#check @isNearest_roundHalfEven

/-- info: @stochastic_rounding_error : ∀ {α : Type u_1} [inst : OrderedField α] {floor : α → Int},
  IsFloor floor → ∀ {s : α}, 0 < s → ∀ (x : α), x - stochasticDown floor s x < s ∧ stochasticUp floor s x - x < s -/
#guard_msgs in
#check @stochastic_rounding_error

/-- info: @clampInt_mem : ∀ {lo hi : Int}, lo ≤ hi → ∀ (q : Int), lo ≤ clampInt lo hi q ∧ clampInt lo hi q ≤ hi -/
#guard_msgs in
#check @clampInt_mem

/-- info: @scale_distrib : ∀ {α : Type u_1} [inst : OrderedField α] (q₁ q₂ : Int) (scale : α),
  ↑(q₁ + q₂) * scale = ↑q₁ * scale + ↑q₂ * scale -/
#guard_msgs in
#check @scale_distrib

/-- info: @QuantParams.Covers.error_bound : ∀ {α : Type u_1} [inst : OrderedField α] {p : QuantParams α} {lo hi b : α},
  p.Covers lo hi b →
    ∀ {round : α → Int}, IsNearest round → ∀ {x : α}, lo ≤ x → x ≤ hi → AbsLE (x - dequantize p (quantize round p x)) b -/
#guard_msgs in
#check @QuantParams.Covers.error_bound

/-- info: @quantize_monotone : ∀ {α : Type u_1} [inst : OrderedField α] {round : α → Int},
  IsNearest round → ∀ {p : QuantParams α}, 0 < p.scale → ∀ {x y : α}, x ≤ y → quantize round p x ≤ quantize round p y -/
#guard_msgs in
#check @quantize_monotone

/-- info: @quantize_dequantize : ∀ {α : Type u_1} [inst : OrderedField α] {round : α → Int},
  IsNearest round →
    ∀ {p : QuantParams α}, 0 < p.scale → ∀ {q : Int}, p.qMin ≤ q → q ≤ p.qMax → quantize round p (dequantize p q) = q -/
#guard_msgs in
#check @quantize_dequantize

/-- info: @EntryQuantizer.Valid.error_bound : ∀ {α : Type u_1} [inst : OrderedField α] {e : EntryQuantizer Rat},
  e.Valid →
    ∀ {round : α → Int},
      IsNearest round →
        ∀ {x : α},
          (EntryQuantizer.over α e).lo ≤ x →
            x ≤ (EntryQuantizer.over α e).hi →
              AbsLE
                (x - dequantize (EntryQuantizer.over α e).params (quantize round (EntryQuantizer.over α e).params x))
                (EntryQuantizer.over α e).bound -/
#guard_msgs in
#check @EntryQuantizer.Valid.error_bound

/-- info: rowBits_formula : ∀ (widths : List Nat) (h : 0 < widths.length) (n : Nat),
  rowBits widths h n = n / widths.length * widths.sum + (List.take (n % widths.length) widths).sum -/
#guard_msgs in
#check @rowBits_formula

/-- info: @DotBound.error_bound : ∀ {α : Type u_1} [inst : OrderedField α] {length : Nat} {pa pw : QuantParams α}
  {aMin aMax aAbs wMin wMax wAbs bound : α},
  DotBound length pa pw aMin aMax aAbs wMin wMax wAbs bound →
    ∀ {round : α → Int},
      IsNearest round →
        ∀ {l : List (α × α)},
          l.length = length →
            (∀ (aw : α × α), aw ∈ l → (aMin ≤ aw.fst ∧ aw.fst ≤ aMax) ∧ wMin ≤ aw.snd ∧ aw.snd ≤ wMax) →
              AbsLE (dot l - dot (restored pa pw (codes round pa pw l))) bound -/
#guard_msgs in
#check @DotBound.error_bound

/-- info: @Channel.matmul_error_bound : ∀ {α : Type u_1} [inst : OrderedField α] {m k n : Nat} {pa : QuantParams α}
  {aMin aMax aAbs : α} {channel : Fin n → Channel α},
  (∀ (j : Fin n), Channel.Valid k pa aMin aMax aAbs (channel j)) →
    ∀ {round : α → Int},
      IsNearest round →
        ∀ {A : Fin m → Fin k → α} {W : Fin k → Fin n → α},
          (∀ (i : Fin m) (t : Fin k), aMin ≤ A i t ∧ A i t ≤ aMax) →
            (∀ (t : Fin k) (j : Fin n), AbsLE (W t j) (channel j).absMax) →
              ∀ (i : Fin m) (j : Fin n),
                AbsLE (matmul A W i j - quantizedMatmul round pa (fun j => (channel j).params) A W i j)
                  (channel j).bound -/
#guard_msgs in
#check @Channel.matmul_error_bound

/-- info: @IsWorstCase.noOverflow : ∀ {K : Nat} {aMin aMax wMin wMax worst : Int},
  IsWorstCase K aMin aMax wMin wMax worst →
    ∀ {P : Nat},
      FitsSigned P worst →
        ∀ {ws : List Int}, (∀ (w : Int), w ∈ ws → wMin ≤ w ∧ w ≤ wMax) → ws.length ≤ K → NoOverflow P aMin aMax ws -/
#guard_msgs in
#check @IsWorstCase.noOverflow

/-- info: @IsWorstCase.noOverflow_iff : ∀ {K : Nat} {aMin aMax wMin wMax worst : Int},
  IsWorstCase K aMin aMax wMin wMax worst →
    ∀ {P : Nat},
      FitsSigned P worst →
        ¬FitsSigned (P - 1) worst →
          ∀ (Q : Nat),
            (∀ (ws : List Int),
                (∀ (w : Int), w ∈ ws → wMin ≤ w ∧ w ≤ wMax) → ws.length ≤ K → NoOverflow Q aMin aMax ws) ↔
              P ≤ Q -/
#guard_msgs in
#check @IsWorstCase.noOverflow_iff

/-- info: @LeastWidths.noOverflow_iff : ∀ {xMin xMax : Int} {weights : List (List Int)} {widths : List Nat},
  LeastWidths xMin xMax weights widths →
    xMin ≤ 0 →
      0 ≤ xMax →
        ∀ {i P : Nat} {ws : List Int},
          weights[i]? = some ws → widths[i]? = some P → ∀ (Q : Nat), NoOverflow Q xMin xMax ws ↔ P ≤ Q -/
#guard_msgs in
#check @LeastWidths.noOverflow_iff

/-- info: @a2q_noOverflow : ∀ {P : Nat} {xMin xMax c bound : Int} {q : Rat} {ws : List Int},
  (xMin ≤ 0 ∧ 0 ≤ xMax) ∧ -c ≤ xMin ∧ xMax ≤ c →
    q * ↑c ≤ ↑bound → FitsSigned P bound → ↑(l1Norm ws) ≤ q → NoOverflow P xMin xMax ws -/
#guard_msgs in
#check @a2q_noOverflow

/-- info: @a2qPlus_noOverflow : ∀ {P : Nat} {xMin xMax bound : Int} {q : Rat} {ws : List Int},
  xMin ≤ 0 ∧ 0 ≤ xMax →
    q * ↑(xMax - xMin) ≤ ↑(2 * bound) → FitsSigned P bound → ws.sum = 0 → ↑(l1Norm ws) ≤ q → NoOverflow P xMin xMax ws -/
#guard_msgs in
#check @a2qPlus_noOverflow

/-- info: @TileFits.mono : ∀ {f : TileFormat} {capacity m n k m' n' k' : Nat},
  TileFits f capacity m' n' k' → m ≤ m' → n ≤ n' → k ≤ k' → TileFits f capacity m n k -/
#guard_msgs in
#check @TileFits.mono

/-- info: @IsWholeStaircase.isMaximal_iff : ∀ {g : TileGrid} {f : TileFormat} {capacity : Nat} {tiles : List (Nat × Nat)},
  IsWholeStaircase g f capacity tiles → ∀ (m n : Nat), g.IsMaximal f capacity m n ↔ (m, n) ∈ tiles -/
#guard_msgs in
#check @IsWholeStaircase.isMaximal_iff

/-- info: @layers_error_le : ∀ {α : Type u_1} [inst : OrderedField α] {σ : Type u_2} {dist : σ → σ → α},
  (∀ (x y z : σ), dist x z ≤ dist x y + dist y z) →
    ∀ {bounds : List (Rat × Rat)} {c : α} {q : Rat} [IsRat c q],
      0 ≤ q ∧ ErrorAtMost bounds q.num.toNat q.den →
        ∀ {layers : List (ApproxLayer σ α)},
          (∀ (layer : ApproxLayer σ α), layer ∈ layers → ApproxLayer.Valid dist layer) →
            WithinBounds bounds layers → ∀ {x : σ}, dist x x = 0 → dist (runExact layers x) (runApprox layers x) ≤ c -/
#guard_msgs in
#check @layers_error_le

/-- info: @enough_iff_of_roofline_eq : ∀ {data : Bytes} {bandwidth : BytesPerSecond} {work : Operations}
  {throughput : OperationsPerSecond} {bound : Seconds},
  (roofline data bandwidth work throughput).seconds = bound.seconds ∧
      0 < bandwidth.bytesPerSecond ∧ 0 < throughput.operationsPerSecond →
    ∀ (time : Seconds), data ≤ bandwidth.during time ∧ work ≤ throughput.during time ↔ bound ≤ time -/
#guard_msgs in
#check @enough_iff_of_roofline_eq

end PyOrch
