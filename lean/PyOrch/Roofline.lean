import PyOrch.Field

/-!
# The roofline bound, in the right units

Moving `bytes` at `bytesPerSecond` and executing `ops` at `opsPerSecond`, both at once, takes at
least the greater of the two quotients, in seconds. Seed document 003 divides 19 GiB by 80 GiB/s and
reads the 0.2375 as milliseconds; they are seconds (`not_llama70b_groq_latency`).
-/

namespace PyOrch

/-- The roofline bound in seconds: the greater of the memory time and the compute time. -/
def rooflineSeconds (bytes bytesPerSecond ops opsPerSecond : Rat) : Rat :=
  if bytes / bytesPerSecond ≤ ops / opsPerSecond then ops / opsPerSecond else bytes / bytesPerSecond

/-- **What the roofline means**: `seconds` are enough to move the bytes and to execute the
operations at the given rates if and only if they are no fewer than the roofline bound. -/
theorem rooflineSeconds_le_iff {bytes bytesPerSecond ops opsPerSecond seconds : Rat}
    (hb : 0 < bytesPerSecond) (ho : 0 < opsPerSecond) :
    rooflineSeconds bytes bytesPerSecond ops opsPerSecond ≤ seconds ↔
      bytes ≤ bytesPerSecond * seconds ∧ ops ≤ opsPerSecond * seconds := by
  have h1 := div_le_iff (a := bytes) (b := seconds) hb
  have h2 := div_le_iff (a := ops) (b := seconds) ho
  unfold rooflineSeconds
  split <;> grind

/-- Bytes of the seed's 3.5-bit LLaMA 70B: 19 GiB. -/
def llama70bBytes : Nat := 19 * 1024 ^ 3

/-- The seed's count of multiply-accumulate operations: 80 layers, twice 8192² each. -/
def llama70bOps : Nat := 80 * 8192 ^ 2 * 2

/-- The seed's memory bandwidth: 80 GiB a second. -/
def groqBytesPerSecond : Nat := 80 * 1024 ^ 3

/-- The seed's throughput: 750 · 10¹² operations a second. -/
def groqOpsPerSecond : Nat := 750 * 10 ^ 12

/-- **The right latency**: 19/80 s = 237.5 ms a token, bound by memory. -/
theorem llama70b_groq_latency_seconds :
    rooflineSeconds llama70bBytes groqBytesPerSecond llama70bOps groqOpsPerSecond = 19 / 80 := by
  decide +kernel

/-- The compute time is between 0.0143 ms and 0.0144 ms: not what limits. -/
theorem llama70b_groq_compute_seconds :
    (143 / 10000000 : Rat) ≤ (llama70bOps : Rat) / groqOpsPerSecond ∧
      (llama70bOps : Rat) / groqOpsPerSecond ≤ 144 / 10000000 := by
  decide +kernel

/-- **Seed 003's `llama70b_groq_latency` is false**: the bound is not at most 0.24 ms. -/
theorem not_llama70b_groq_latency :
    ¬ rooflineSeconds llama70bBytes groqBytesPerSecond llama70bOps groqOpsPerSecond ≤
      24 / 100 / 1000 := by
  decide +kernel

end PyOrch
