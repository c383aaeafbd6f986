import PyOrch.Roofline

/-! # Roofline latency: 20401094656 bytes and 10737418240 operations -/

namespace PyOrch.Emitted.roofline_20401094656_85899345920_10737418240_750000000000000_within_6_25

/-- Moving 20401094656 bytes at 85899345920 bytes a second, and meanwhile executing 10737418240
operations at 750000000000000 a second, takes at most 6/25 seconds, by the roofline bound. -/
theorem roofline_latency :
    roofline { bytes := 20401094656 } { bytesPerSecond := 85899345920 }
      { operations := 10737418240 } { operationsPerSecond := 750000000000000 } ≤
      { seconds := 6/25 } := by
  decide +kernel

/-- The roofline bound is exactly 19/80 seconds. -/
theorem roofline_latency_exact :
    roofline { bytes := 20401094656 } { bytesPerSecond := 85899345920 }
      { operations := 10737418240 } { operationsPerSecond := 750000000000000 } =
      { seconds := 19/80 } :=
  Seconds.eq_of_seconds_eq (by decide +kernel)

/-- What limits is the memory: the data takes 19/80 seconds, the operations take
262144/18310546875 seconds. -/
theorem roofline_latency_limit :
    computeTime { operations := 10737418240 } { operationsPerSecond := 750000000000000 } <
      memoryTime { bytes := 20401094656 } { bytesPerSecond := 85899345920 } := by
  decide +kernel

/-- In a time the data can be moved and the operations be executed if and only if it is at least
19/80 seconds. -/
theorem roofline_latency_enough_iff (time : Seconds) :
    ({ bytes := 20401094656 } ≤ BytesPerSecond.during { bytesPerSecond := 85899345920 } time ∧
      { operations := 10737418240 } ≤
        OperationsPerSecond.during { operationsPerSecond := 750000000000000 } time) ↔
      { seconds := 19/80 } ≤ time :=
  enough_iff_of_roofline_eq (by decide +kernel) time

/-- It is not at most 6/25 milliseconds, as the seed claims. -/
theorem not_llama70b_groq_latency :
    ¬ roofline { bytes := 20401094656 } { bytesPerSecond := 85899345920 }
      { operations := 10737418240 } { operationsPerSecond := 750000000000000 } ≤
      milliseconds (6/25) := by
  decide +kernel

end PyOrch.Emitted.roofline_20401094656_85899345920_10737418240_750000000000000_within_6_25
