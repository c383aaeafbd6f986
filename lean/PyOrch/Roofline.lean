import PyOrch.Field

/-!
# The roofline bound, in the right units

Moving data at a bandwidth and executing operations at a throughput, both at once, takes at least
the longer of the two times. Units are types here, so that 0.2375 s cannot be read as milliseconds:
seed document 003 divides 19 GiB by 80 GiB/s and does (`not_llama70b_groq_latency`).
-/

namespace PyOrch

/-- An amount of data. -/
structure Bytes where
  /-- In bytes. -/
  bytes : Rat

/-- A bandwidth. -/
structure BytesPerSecond where
  /-- In bytes a second. -/
  bytesPerSecond : Rat

/-- An amount of work. -/
structure Operations where
  /-- In operations, of the kind that the throughput counts. -/
  operations : Rat

/-- A throughput. -/
structure OperationsPerSecond where
  /-- In operations a second. -/
  operationsPerSecond : Rat

/-- A time. -/
structure Seconds where
  /-- In seconds. -/
  seconds : Rat

/-- A time that is given in milliseconds. -/
noncomputable def milliseconds (ms : Rat) : Seconds := { seconds := ms / 1000 }

/-- Not more data. -/
instance : LE Bytes := ⟨fun a b => a.bytes ≤ b.bytes⟩

/-- Not more work. -/
instance : LE Operations := ⟨fun a b => a.operations ≤ b.operations⟩

/-- Not longer. -/
instance : LE Seconds := ⟨fun s t => s.seconds ≤ t.seconds⟩

/-- Shorter. -/
instance : LT Seconds := ⟨fun s t => s.seconds < t.seconds⟩

instance (s t : Seconds) : Decidable (s ≤ t) := inferInstanceAs (Decidable (s.seconds ≤ t.seconds))

instance (s t : Seconds) : Decidable (s < t) := inferInstanceAs (Decidable (s.seconds < t.seconds))

/-- The time to move data. -/
def memoryTime (data : Bytes) (bandwidth : BytesPerSecond) : Seconds :=
  { seconds := data.bytes / bandwidth.bytesPerSecond }

/-- The time to execute operations. -/
def computeTime (work : Operations) (throughput : OperationsPerSecond) : Seconds :=
  { seconds := work.operations / throughput.operationsPerSecond }

/-- The data that can be moved in a time. -/
def BytesPerSecond.during (bandwidth : BytesPerSecond) (time : Seconds) : Bytes :=
  { bytes := bandwidth.bytesPerSecond * time.seconds }

/-- The operations that can be executed in a time. -/
def OperationsPerSecond.during (throughput : OperationsPerSecond) (time : Seconds) : Operations :=
  { operations := throughput.operationsPerSecond * time.seconds }

/-- The roofline bound: the longer of the memory time and the compute time. -/
def roofline (data : Bytes) (bandwidth : BytesPerSecond) (work : Operations)
    (throughput : OperationsPerSecond) : Seconds :=
  if memoryTime data bandwidth ≤ computeTime work throughput then computeTime work throughput
  else memoryTime data bandwidth

/-- **What the roofline means**: a time is enough to move the data and to execute the operations, at
the given rates, if and only if it is no shorter than the roofline bound. -/
theorem roofline_le_iff {data : Bytes} {bandwidth : BytesPerSecond} {work : Operations}
    {throughput : OperationsPerSecond} {time : Seconds} (hb : 0 < bandwidth.bytesPerSecond)
    (ht : 0 < throughput.operationsPerSecond) :
    roofline data bandwidth work throughput ≤ time ↔
      data ≤ bandwidth.during time ∧ work ≤ throughput.during time := by
  have h1 := div_le_iff (a := data.bytes) (b := time.seconds) hb
  have h2 := div_le_iff (a := work.operations) (b := time.seconds) ht
  have hdata : data ≤ bandwidth.during time ↔
      data.bytes / bandwidth.bytesPerSecond ≤ time.seconds := by
    rw [h1, Rat.mul_comm]; rfl
  have hwork : work ≤ throughput.during time ↔
      work.operations / throughput.operationsPerSecond ≤ time.seconds := by
    rw [h2, Rat.mul_comm]; rfl
  rw [hdata, hwork]
  unfold roofline
  split
  · next hle =>
    have hle : data.bytes / bandwidth.bytesPerSecond ≤
      work.operations / throughput.operationsPerSecond := hle
    exact ⟨fun h => ⟨Rat.le_trans hle h, h⟩, fun h => h.2⟩
  · next hlt =>
    have hlt : ¬ data.bytes / bandwidth.bytesPerSecond ≤
      work.operations / throughput.operationsPerSecond := hlt
    exact ⟨fun h => ⟨h, Rat.le_trans ((Rat.le_total).resolve_left hlt) h⟩, fun h => h.1⟩

/-- `roofline_le_iff` for a bound whose value is known. -/
theorem enough_iff_of_roofline_eq {data : Bytes} {bandwidth : BytesPerSecond} {work : Operations}
    {throughput : OperationsPerSecond} {bound : Seconds}
    (h : (roofline data bandwidth work throughput).seconds = bound.seconds ∧
      0 < bandwidth.bytesPerSecond ∧ 0 < throughput.operationsPerSecond) (time : Seconds) :
    (data ≤ bandwidth.during time ∧ work ≤ throughput.during time) ↔ bound ≤ time := by
  rw [← roofline_le_iff h.2.1 h.2.2, show (roofline data bandwidth work throughput) = bound by
    cases bound; exact congrArg Seconds.mk h.1]

/-- A time is what its number of seconds says. -/
theorem Seconds.eq_of_seconds_eq {s t : Seconds} (h : s.seconds = t.seconds) : s = t :=
  congrArg Seconds.mk h

/-! ## Seed 003: LLaMA 70B -/

/-- The seed's 3.5-bit weights: 19 GiB. -/
noncomputable def llama70bWeights : Bytes := { bytes := 19 * 1024 ^ 3 }

/-- The seed's count of multiply-accumulate operations: 80 layers, twice 8192² each. -/
noncomputable def llama70bWork : Operations := { operations := 80 * 8192 ^ 2 * 2 }

/-- The seed's memory bandwidth: 80 GiB a second. -/
noncomputable def groqBandwidth : BytesPerSecond := { bytesPerSecond := 80 * 1024 ^ 3 }

/-- The seed's throughput: 750 · 10¹² operations a second. -/
noncomputable def groqThroughput : OperationsPerSecond :=
  { operationsPerSecond := 750 * 10 ^ 12 }

/-- **The right latency**: 19/80 s = 237.5 ms a token, bound by memory. -/
theorem llama70b_groq_latency_seconds :
    roofline llama70bWeights groqBandwidth llama70bWork groqThroughput = { seconds := 19 / 80 } :=
  Seconds.eq_of_seconds_eq (by decide +kernel)

/-- The compute time is between 0.0143 ms and 0.0144 ms: not what limits. -/
theorem llama70b_groq_compute_seconds :
    milliseconds (143 / 10000) ≤ computeTime llama70bWork groqThroughput ∧
      computeTime llama70bWork groqThroughput ≤ milliseconds (144 / 10000) := by
  decide +kernel

/-- **Seed 003's `llama70b_groq_latency` is false**: the bound is not at most 0.24 ms. -/
theorem not_llama70b_groq_latency :
    ¬ roofline llama70bWeights groqBandwidth llama70bWork groqThroughput ≤
      milliseconds (24 / 100) := by
  decide +kernel

end PyOrch
