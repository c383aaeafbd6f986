import PyOrch.Net.DualDots
import PyOrch.Net.DualPacked

/-!
# Certificates by duality, packed

`packedDualCheck` runs the check of `PyOrch.Net.DualCertificate` on packed networks;
`close_of_packedDualCheck` is its theorem, about the networks that the data stand for.
-/

namespace PyOrch

universe u

/-! ## A combination of rows, column by column -/

section
variable {α : Type u} [OrderedField α]

/-- Zeros make an inner product zero. -/
theorem rowDot_of_forall_zero (p : List Int) {v : List α} (h : ∀ y ∈ v, y = 0) :
    rowDot p v = 0 := by
  induction v generalizing p with
  | nil => exact rowDot_nil_right p
  | cons y ys ih =>
    rw [rowDot_cons, ih _ (fun y hy => h y (.tail _ hy)), h y (.head _),
      Lean.Grind.Semiring.mul_zero, Lean.Grind.AddCommMonoid.add_zero]

private theorem zero_eq {v : α} : (0 : α) = 0 * v + 0 := by
  rw [Lean.Grind.Semiring.zero_mul, Lean.Grind.AddCommMonoid.add_zero]

private theorem cons_eq {q w v r d m : α} :
    q * (w * v + r) + (d * v + m) = (q * w + d) * v + (q * r + m) := by grind

/-- A combination of rows with a column in front. -/
theorem rowDot_map_consColumn (p c : List Int) (M : List (List Int)) (h : c.length = M.length)
    (v : α) (vs : List α) :
    rowDot p ((consColumn c M).map fun row => rowDot row (v :: vs))
      = (dotInts p c : α) * v + rowDot p (M.map fun row => rowDot row vs) := by
  have zero : ((Int.ofNat 0 : Int) : α) = 0 := intCast_zero
  induction c generalizing p M with
  | nil =>
    match M, h with
    | [], _ =>
      have : dotInts p [] = Int.ofNat 0 := by cases p <;> rfl
      rw [this, zero]
      simp only [consColumn, List.map_nil, rowDot_nil_right]
      exact zero_eq
  | cons w ws ih =>
    match M, h with
    | row :: M, h =>
      match p with
      | [] =>
        have : dotInts [] (w :: ws) = Int.ofNat 0 := rfl
        rw [this, zero, rowDot_nil, rowDot_nil]
        exact zero_eq
      | q :: p =>
        have ih := ih p M (Nat.succ.inj h)
        have : dotInts (q :: p) (w :: ws) = fastAdd (fastMul q w) (dotInts p ws) := rfl
        rw [this, fastAdd_eq, fastMul_eq, intCast_add, intCast_mul]
        simp only [consColumn, List.map_cons, rowDot] at ih ⊢
        rw [ih]
        exact cons_eq

/-- The combination of the rows of a matrix given by its columns. -/
theorem rowDot_map_dotInts {rows : Nat} (p : List Int) {cols : List (List Int)}
    (h : ∀ c ∈ cols, c.length = rows) (x : List α) :
    rowDot (cols.map fun c => dotInts p c) x
      = rowDot p ((rowsOfColumns rows cols).map fun row => rowDot row x) := by
  induction cols generalizing x with
  | nil =>
    rw [List.map_nil, rowDot_nil, rowDot_of_forall_zero]
    intro y hy
    obtain ⟨row, hrow, rfl⟩ := List.mem_map.1 hy
    rw [eq_nil_of_mem_emptyRows hrow, rowDot_nil]
  | cons c cols ih =>
    have htl := fun c' h' => h c' (.tail _ h')
    match x with
    | [] =>
      rw [rowDot_nil_right, rowDot_of_forall_zero]
      intro y hy
      obtain ⟨row, _, rfl⟩ := List.mem_map.1 hy
      exact rowDot_nil_right row
    | v :: vs =>
      rw [List.map_cons, rowDot, rowsOfColumns, rowDot_map_consColumn _ _ _
        (by rw [length_rowsOfColumns htl, h c (.head _)]), ih htl]

namespace PackedLayer

/-- The fast products are the products of the columns. -/
theorem columnProducts_eq {R k rows : Nat} {p : List Int}
    (hroom : combineRoom R k rows (sumOffsets (belowInts p) rows p) = true) {cs : List Nat}
    (h : ∀ c ∈ cs, IsColumn R k rows c) :
    columnProducts R (belowInts p) (Nat.mul (Nat.pow 2 k) (Nat.mul rows (belowInts p)))
        (Nat.mul (Nat.pow 2 k) (sumOffsets (belowInts p) rows p)) (Nat.mul R (rows - 1))
        (reversedLanes R (belowInts p) rows p 0) cs (columnSums R rows cs)
      = (signedColumns R k rows cs).map fun c => dotInts p c := by
  induction cs with
  | nil => rfl
  | cons c cs ih =>
    rw [signedColumns, List.map_cons, ← columnProduct_eq hroom (h c (.head _)),
      ← ih (fun c h' => h c (.tail _ h'))]
    rfl

/-- `combine` combines the rows of the layer's weights. -/
theorem rowDot_combine (P : PackedLayer) (p : List Int) (x : List α) :
    rowDot (P.combine p) x = rowDot p (P.toLayer.weights.map fun row => rowDot row x) := by
  rw [combine, fastColumns_eq]
  cases h : combineRoom P.stride (P.bits - 1) P.outputs (sumOffsets (belowInts p) P.outputs p)
  · exact rowDot_combinedRow p _ x
  · have hk : P.bits - 1 < P.stride := by
      simp only [combineRoom, Bool.and_eq_true, Nat.ble_eq] at h
      exact h.1
    rw [cond_true, columnProducts_eq h (P.isColumn_columns hk)]
    exact rowDot_map_dotInts p (fun c => length_of_mem_signedColumns) x

end PackedLayer

end

/-! ## The certificate -/

/-- Packed layers. -/
noncomputable def packedOps : LayerOps PackedLayer where
  toLayer := PackedLayer.toLayer
  den P := P.den
  bias := PackedLayer.biases
  activation P := P.activation
  rows := PackedLayer.rowsBounds
  diffRows := PackedLayer.rowsDiffBounds
  combine := PackedLayer.combine
  dots := PackedLayer.dots
  pairs := PackedLayer.pairs

/-- `packedOps` do what they should. -/
theorem lawful_packedOps : LayerOps.Lawful.{u} packedOps where
  den_eq _ := rfl
  bias_eq _ := rfl
  activation_eq _ := rfl
  rows_eq := PackedLayer.rowsBounds_eq
  dots_eq := PackedLayer.dots_eq
  pairs_of_pairs _ _ := PackedLayer.layer_pairs
  diffRows_eq k₁ k₂ _ _ x h₁ h₂ hp := PackedLayer.rowsDiffBounds_eq k₁ k₂
    (PackedLayer.outputs_eq_of_layer_pairs (PackedLayer.layer_pairs hp)) h₁ h₂ x
  rowDot_combine := PackedLayer.rowDot_combine

/-- As `dualCheck` of the networks that the data stand for, quickly. -/
noncomputable def packedDualCheck (teacher student : PackedNetwork) (box : Box)
    (certificate : DualCertificate) (epsNum epsDen : Nat) : Bool :=
  box.wellShaped && teacher.fits box.lo && student.fits box.lo && Nat.ble 1 epsDen
    && dualAccepts (allWithin (2 ^ certificate.prec) epsNum epsDen) packedOps teacher student box
      certificate

/-- The network that the data stand for is the network that the operations see. -/
theorem toNetwork_packedOps (N : PackedNetwork) : packedOps.toNetwork N = N.toNetwork := by
  induction N with
  | nil => rfl
  | cons P Ps ih => exact congrArg (P.toLayer :: ·) ih

/-- Data that fit have positive denominators, and a bias for each row. -/
theorem PackedNetwork.fine_of_fits {N : PackedNetwork} {inputs : List Int}
    (h : N.fits inputs = true) : ∀ P ∈ N, packedOps.Fine P := by
  have hpos : N.Positive := by
    match N, h with
    | [], _ => exact nofun
    | P :: Ps, h =>
      rw [PackedNetwork.fits, Bool.and_eq_true] at h
      exact (PackedNetwork.spec_of_wellShaped (by rw [length_eq_of_hasCount h.1]; exact h.2)).1
  intro P hP
  exact ⟨hpos P hP, biasForEach_of_length_eq (by
    show P.toLayer.weights.length = P.toLayer.bias.length
    rw [P.length_weights, P.length_bias])⟩

/-- A certificate by duality in packed form: where `packedDualCheck` accepts, the networks that the
data stand for differ by at most `epsNum / epsDen` in every output, at every point of the box, over
every ordered field. -/
theorem close_of_packedDualCheck {α : Type u} [OrderedField α] {T S : PackedNetwork} {box : Box}
    {epsNum epsDen : Nat} (certificate : DualCertificate)
    (h : packedDualCheck T S box certificate epsNum epsDen = true) {x : List α}
    (hx : box.Mem x) :
    Close (T.toNetwork.eval x) (S.toNetwork.eval x)
      (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) := by
  simp only [packedDualCheck, Box.wellShaped, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨⟨⟨⟨⟨_, hbox⟩, hT⟩, hS⟩, hb⟩, hw⟩ := h
  have := close_of_dualAccepts lawful_packedOps (PackedNetwork.fine_of_fits hT)
    (PackedNetwork.fine_of_fits hS) hbox hb hw hx
  rwa [toNetwork_packedOps, toNetwork_packedOps] at this

end PyOrch
