import PyOrch.Roofline

/-! # Roofline latency: 1000 bytes and 1000000000000000 operations -/

namespace PyOrch.Emitted.roofline_1000_1000000000000_1000000000000000_300000000000000_within_10_3

/-- Moving 1000 bytes at 1000000000000 bytes a second, and meanwhile executing 1000000000000000
operations at 300000000000000 a second, takes at most 10/3 seconds, by the roofline bound. -/
theorem roofline_latency :
    roofline { bytes := 1000 } { bytesPerSecond := 1000000000000 }
      { operations := 1000000000000000 } { operationsPerSecond := 300000000000000 } ≤
      { seconds := 10/3 } := by
  decide +kernel

/-- The roofline bound is exactly 10/3 seconds. -/
theorem roofline_latency_exact :
    roofline { bytes := 1000 } { bytesPerSecond := 1000000000000 }
      { operations := 1000000000000000 } { operationsPerSecond := 300000000000000 } =
      { seconds := 10/3 } :=
  Seconds.eq_of_seconds_eq (by decide +kernel)

/-- What limits is the arithmetic: the data takes 1/1000000000 seconds, the operations take
10/3 seconds. -/
theorem roofline_latency_limit :
    memoryTime { bytes := 1000 } { bytesPerSecond := 1000000000000 } <
      computeTime { operations := 1000000000000000 } { operationsPerSecond := 300000000000000 } := by
  decide +kernel

/-- In a time the data can be moved and the operations be executed if and only if it is at least
10/3 seconds. -/
theorem roofline_latency_enough_iff (time : Seconds) :
    ({ bytes := 1000 } ≤ BytesPerSecond.during { bytesPerSecond := 1000000000000 } time ∧
      { operations := 1000000000000000 } ≤
        OperationsPerSecond.during { operationsPerSecond := 300000000000000 } time) ↔
      { seconds := 10/3 } ≤ time :=
  enough_iff_of_roofline_eq (by decide +kernel) time

end PyOrch.Emitted.roofline_1000_1000000000000_1000000000000000_300000000000000_within_10_3
