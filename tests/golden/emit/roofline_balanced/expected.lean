import PyOrch.Roofline

/-! # Roofline latency: 3 bytes and 3/2 operations -/

namespace PyOrch.Emitted.roofline_3_4_3_2_2_within_3_4

/-- Moving 3 bytes at 4 bytes a second, and meanwhile executing 3/2
operations at 2 a second, takes at most 3/4 seconds, by the roofline bound. -/
theorem roofline_latency :
    roofline { bytes := 3 } { bytesPerSecond := 4 }
      { operations := 3/2 } { operationsPerSecond := 2 } ≤
      { seconds := 3/4 } := by
  decide +kernel

/-- The roofline bound is exactly 3/4 seconds. -/
theorem roofline_latency_exact :
    roofline { bytes := 3 } { bytesPerSecond := 4 }
      { operations := 3/2 } { operationsPerSecond := 2 } =
      { seconds := 3/4 } :=
  Seconds.eq_of_seconds_eq (by decide +kernel)

/-- What limits is both alike: the data takes 3/4 seconds, the operations take
3/4 seconds. -/
theorem roofline_latency_limit :
    computeTime { operations := 3/2 } { operationsPerSecond := 2 } =
      memoryTime { bytes := 3 } { bytesPerSecond := 4 } :=
  Seconds.eq_of_seconds_eq (by decide +kernel)

/-- In a time the data can be moved and the operations be executed if and only if it is at least
3/4 seconds. -/
theorem roofline_latency_enough_iff (time : Seconds) :
    ({ bytes := 3 } ≤ BytesPerSecond.during { bytesPerSecond := 4 } time ∧
      { operations := 3/2 } ≤
        OperationsPerSecond.during { operationsPerSecond := 2 } time) ↔
      { seconds := 3/4 } ≤ time :=
  enough_iff_of_roofline_eq (by decide +kernel) time

end PyOrch.Emitted.roofline_3_4_3_2_2_within_3_4
