import PyOrch
import PyOrchTest.PinAxioms

/-!
# Pinned axioms of the theorems that claims and certificates rest on

One line for each theorem that a family of claims instantiates, and for those that certificates rest
on. Where one changes, the message has the new line.
-/

/-! ## Rounding -/

#pin_axioms PyOrch.isNearest_roundHalfEven [propext]
#pin_axioms PyOrch.isNearest_roundHalfUp []
#pin_axioms PyOrch.IsNearest.ratAbs_le []
#pin_axioms PyOrch.roundHalfEven_tie [propext]
#pin_axioms PyOrch.roundHalfUp_tie []
#pin_axioms PyOrch.IsNearest.one_half_le []
#pin_axioms PyOrch.stochastic_rounding_error []
#pin_axioms PyOrch.stochastic_neighbours []
#pin_axioms PyOrch.stochasticProb_mem []
#pin_axioms PyOrch.stochastic_rounding_unbiased []
#pin_axioms PyOrch.stochastic_rounding_variance []
#pin_axioms PyOrch.step_le_of_stochastic_error []
#pin_axioms PyOrch.clampInt_mem []
#pin_axioms PyOrch.clampInt_of_mem []
#pin_axioms PyOrch.natAbs_sub_clampInt_le []
#pin_axioms PyOrch.clampInt_monotone []

/-! ## Affine quantization -/

#pin_axioms PyOrch.scale_distrib []
#pin_axioms PyOrch.scale_distrib_sum []
#pin_axioms PyOrch.QuantParams.Covers.error_bound []
#pin_axioms PyOrch.QuantParams.Covers.le_of_error_bound []
#pin_axioms PyOrch.QuantParams.Covers.error_saturating []
#pin_axioms PyOrch.quantize_monotone []
#pin_axioms PyOrch.QuantParams.Covers.quantize_lt []
#pin_axioms PyOrch.quantize_dequantize []
#pin_axioms PyOrch.quantize_dequantize_iff []
#pin_axioms PyOrch.quantize_idempotent []
#pin_axioms PyOrch.activation_code_unsaturated []
#pin_axioms PyOrch.activation_error_bound []
#pin_axioms PyOrch.activation_code_attained []

/-! ## Mixed precision -/

#pin_axioms PyOrch.EntryQuantizer.Valid.error_bound []
#pin_axioms PyOrch.EntryQuantizer.Valid.le_of_error_bound []
#pin_axioms PyOrch.rowBits_avg []
#pin_axioms PyOrch.rowBits_formula []
#pin_axioms PyOrch.rowBytes_eq []
#pin_axioms PyOrch.rowBytes_le []
#pin_axioms PyOrch.groupwiseBits_avg []
#pin_axioms PyOrch.EntryQuantizer.Valid.shared_scale_error []

/-! ## Dot product -/

#pin_axioms PyOrch.DotBound.error_bound []
#pin_axioms PyOrch.dot_restored_of_rat []
#pin_axioms PyOrch.dot_restored_of_rat_zero []
#pin_axioms PyOrch.Channel.matmul_error_bound []
#pin_axioms PyOrch.Channel.quantizedMatmul_eq []
#pin_axioms PyOrch.Channel.quantizedMatmul_eq_zero []

/-! ## Accumulators -/

#pin_axioms PyOrch.IsWorstCase.noOverflow []
#pin_axioms PyOrch.IsWorstCase.partial_sum_mem []
#pin_axioms PyOrch.IsWorstCase.attained []
#pin_axioms PyOrch.IsWorstCase.wrappingDot_toInt []
#pin_axioms PyOrch.IsWorstCase.quantized_dotInt_mem []
#pin_axioms PyOrch.IsWorstCase.noOverflow_iff []
#pin_axioms PyOrch.IsWorstCase.wraps []
#pin_axioms PyOrch.LeastWidths.noOverflow_iff [propext]
#pin_axioms PyOrch.LeastWidths.layer_noOverflow_iff [propext]
#pin_axioms PyOrch.LeastWidths.overflowWitness_wraps [propext]
#pin_axioms PyOrch.leastWidths_of_packedNeed [propext]
#pin_axioms PyOrch.a2q_noOverflow []
#pin_axioms PyOrch.NoOverflow.wrappingDot_toInt []
#pin_axioms PyOrch.a2qPlus_noOverflow []
#pin_axioms PyOrch.not_noOverflow []

/-! ## SRAM tiles -/

#pin_axioms PyOrch.TileFits.mono []
#pin_axioms PyOrch.IsWholeStaircase.isMaximal_iff []
#pin_axioms PyOrch.IsWholeStaircase.fits_iff []

/-! ## Error through layers -/

#pin_axioms PyOrch.layers_error_le [propext]
#pin_axioms PyOrch.exists_layers_error_ge [propext]
#pin_axioms PyOrch.layers_error_linear_of_length []
#pin_axioms PyOrch.not_errors_add_up [propext]

/-! ## Roofline -/

#pin_axioms PyOrch.enough_iff_of_roofline_eq [propext]
#pin_axioms PyOrch.Seconds.eq_of_seconds_eq []

/-! ## Soundness of certificates: `Net.Certificate` -/

#pin_axioms PyOrch.Network.positive_of_wellShaped []
#pin_axioms PyOrch.allHold_boxIntervals []
#pin_axioms PyOrch.allHoldDiff_zeros []
#pin_axioms PyOrch.close_of_allWithin []
#pin_axioms PyOrch.close_of_check []

/-! ## Soundness of certificates: `Net.PackedCertificate` -/

#pin_axioms PyOrch.diffColumns_spec [propext]
#pin_axioms PyOrch.PackedLayer.rowsDiffBounds_eq [propext]
#pin_axioms PyOrch.PackedLayer.bounds_eq [propext]
#pin_axioms PyOrch.PackedLayer.length_columns []
#pin_axioms PyOrch.sameLength_of_length_eq []
#pin_axioms PyOrch.biasForEach_of_length_eq []
#pin_axioms PyOrch.length_of_mem_consColumn [propext]
#pin_axioms PyOrch.length_of_mem_rowsOfColumns [propext]
#pin_axioms PyOrch.length_signedColumns []
#pin_axioms PyOrch.PackedLayer.length_bias []
#pin_axioms PyOrch.PackedLayer.length_of_mem_weights [propext]
#pin_axioms PyOrch.sameShape_of_length []
#pin_axioms PyOrch.PackedLayer.layer_pairs [propext]
#pin_axioms PyOrch.length_eq_of_sameLength []
#pin_axioms PyOrch.PackedLayer.outputs_eq_of_layer_pairs []
#pin_axioms PyOrch.PackedLayer.pairBounds_eq [propext]
#pin_axioms PyOrch.PackedNetwork.bounds_eq [propext]
#pin_axioms PyOrch.packedIndependentBounds_eq [propext]
#pin_axioms PyOrch.packedPairBounds_eq [propext]
#pin_axioms PyOrch.PackedNetwork.spec_of_wellShaped [propext]
#pin_axioms PyOrch.length_eq_of_hasCount []
#pin_axioms PyOrch.check_of_packedCheck [propext]
#pin_axioms PyOrch.close_of_packedCheck [propext]

/-! ## Soundness of certificates: `Net.DualOutputs`, `Net.DualCertificate`, `Net.DualPackedCertificate` -/

#pin_axioms PyOrch.Between.length_eq []
#pin_axioms PyOrch.LayerOps.exists_of_lastAccepts []
#pin_axioms PyOrch.hold_dualSteps [propext]
#pin_axioms PyOrch.allHoldDiff_dualDifference [propext]
#pin_axioms PyOrch.exists_of_dualAccepts [propext]
#pin_axioms PyOrch.close_of_dualAccepts [propext]
#pin_axioms PyOrch.rowDot_addMultiple []
#pin_axioms PyOrch.rowDot_combinedRow []
#pin_axioms PyOrch.lawful_listOps []
#pin_axioms PyOrch.toNetwork_listOps []
#pin_axioms PyOrch.fine_of_wellShaped []
#pin_axioms PyOrch.close_of_dualCheck [propext]
#pin_axioms PyOrch.rowDot_of_forall_zero []
#pin_axioms PyOrch.rowDot_map_consColumn []
#pin_axioms PyOrch.rowDot_map_dotInts []
#pin_axioms PyOrch.PackedLayer.columnProducts_eq []
#pin_axioms PyOrch.PackedLayer.rowDot_combine []
#pin_axioms PyOrch.lawful_packedOps [propext]
#pin_axioms PyOrch.toNetwork_packedOps []
#pin_axioms PyOrch.PackedNetwork.fine_of_fits [propext]
#pin_axioms PyOrch.close_of_packedDualCheck [propext]

/-! ## Soundness of certificates: `Net.DualGoals`, `Net.DualSameClass` -/

#pin_axioms PyOrch.exists_of_dualCheckBounds [propext]
#pin_axioms PyOrch.exists_of_packedDualCheckBounds [propext]
#pin_axioms PyOrch.closeEach_of_dualCheck [propext]
#pin_axioms PyOrch.closeAt_of_dualCheck [propext]
#pin_axioms PyOrch.closeEach_of_packedDualCheck [propext]
#pin_axioms PyOrch.closeAt_of_packedDualCheck [propext]
#pin_axioms PyOrch.rowDot_unitRow []
#pin_axioms PyOrch.rowDot_rivalRow []
#pin_axioms PyOrch.lt_zero_of_isBelowZero []
#pin_axioms PyOrch.lt_zero_of_top []
#pin_axioms PyOrch.LayerOps.spec_of_rivalsLose []
#pin_axioms PyOrch.wins_of_dualChooses [propext]
#pin_axioms PyOrch.wins_of_dualCheckClass [propext]
#pin_axioms PyOrch.wins_of_packedDualCheckClass [propext]

/-! ## Soundness of certificates: `Net.GoalTree` -/

#pin_axioms PyOrch.HoldsOn.split []
#pin_axioms PyOrch.HoldsOn.of_refine []
#pin_axioms PyOrch.HoldsOn.of_check []
#pin_axioms PyOrch.withinAll_of_check [propext]
#pin_axioms PyOrch.withinEach_of_check [propext]
#pin_axioms PyOrch.withinAt_of_check [propext]
#pin_axioms PyOrch.bothChoose_of_check [propext]

/-! ## Soundness of certificates: `Net.Split`, `Net.SplitCertificate` -/

#pin_axioms PyOrch.Between.below_or_above []
#pin_axioms PyOrch.Between.scaleAll []
#pin_axioms PyOrch.Between.onGrid []
#pin_axioms PyOrch.Box.den_onGrid []
#pin_axioms PyOrch.Box.Mem.onGrid []
#pin_axioms PyOrch.CloseOn.split []
#pin_axioms PyOrch.CloseOn.of_onGrid []
#pin_axioms PyOrch.CloseOn.of_boxes []
#pin_axioms PyOrch.CloseOn.close []
#pin_axioms PyOrch.check_of_batchCheck [propext]
#pin_axioms PyOrch.check_of_checkAll [propext]
#pin_axioms PyOrch.closeOn_of_splitCheck [propext]
#pin_axioms PyOrch.close_of_splitCheck [propext]

/-! ## Soundness of certificates: `Net.Sound` -/

#pin_axioms PyOrch.intCast_ofNat []
#pin_axioms PyOrch.natCast_mul []
#pin_axioms PyOrch.intCast_max []
#pin_axioms PyOrch.intCast_min []
#pin_axioms PyOrch.intCast_max_le []
#pin_axioms PyOrch.le_intCast_min []
#pin_axioms PyOrch.Interval.Holds.scale []
#pin_axioms PyOrch.Interval.Holds.add []
#pin_axioms PyOrch.Interval.Holds.sub []
#pin_axioms PyOrch.Interval.Holds.shift []
#pin_axioms PyOrch.Interval.Holds.inter []
#pin_axioms PyOrch.Interval.Holds.relu []
#pin_axioms PyOrch.Interval.Holds.round []
#pin_axioms PyOrch.relu_sub_relu_bounds []
#pin_axioms PyOrch.Interval.Holds.reluDiff []
#pin_axioms PyOrch.holds_zero []
#pin_axioms PyOrch.holds_dotBounds []
#pin_axioms PyOrch.holds_dotBounds_diff []
#pin_axioms PyOrch.holds_dotDiffBounds []

/-! ## Soundness of certificates: `Net.SoundPair` -/

#pin_axioms PyOrch.Layer.eval_eq_map_affine []
#pin_axioms PyOrch.allHold_affineBounds []
#pin_axioms PyOrch.allHoldDiff_affineDiffBounds []
#pin_axioms PyOrch.map_identity_eval []
#pin_axioms PyOrch.allHold_activation_bounds []
#pin_axioms PyOrch.allHoldDiff_activation_diffBounds []
#pin_axioms PyOrch.allHold_roundAll []
#pin_axioms PyOrch.allHoldDiff_roundAll []
#pin_axioms PyOrch.allHold_layer_bounds []
#pin_axioms PyOrch.allHold_network_bounds []
#pin_axioms PyOrch.allHoldDiff_subAll []
#pin_axioms PyOrch.commonFactors_spec []
#pin_axioms PyOrch.Activation.same_eq []
#pin_axioms PyOrch.hold_layer_pairBounds []
#pin_axioms PyOrch.hold_independentBounds []
#pin_axioms PyOrch.hold_pairBounds []

/-! ## Soundness of certificates: `Net.EachOutput` -/

#pin_axioms PyOrch.PackedNetwork.spec_of_fits [propext]
#pin_axioms PyOrch.Box.den_pos_of_wellShaped []
#pin_axioms PyOrch.checkBounds_of_packedCheckBounds [propext]
#pin_axioms PyOrch.hold_outputBounds []
#pin_axioms PyOrch.absLE_of_allWithin []
#pin_axioms PyOrch.closeEach_of_allWithinEach []
#pin_axioms PyOrch.closeAt_of_withinAt []
#pin_axioms PyOrch.closeEach_of_check []
#pin_axioms PyOrch.closeAt_of_check []
#pin_axioms PyOrch.closeEach_of_packedCheck [propext]
#pin_axioms PyOrch.closeAt_of_packedCheck [propext]
#pin_axioms PyOrch.Network.positive_of_positiveDens []
#pin_axioms PyOrch.spec_of_isPoint [propext]
#pin_axioms PyOrch.not_closeAt_of_exceedsAt []
#pin_axioms PyOrch.not_closeAt_of_refutesAt [propext]
#pin_axioms PyOrch.CloseEach.closeAt []
#pin_axioms PyOrch.not_closeEach_of_refutesAt [propext]

/-! ## Soundness of certificates: `Net.SameClass` -/

#pin_axioms PyOrch.rowDot_zipWith_sub []
#pin_axioms PyOrch.length_of_rowsHaveLength []
#pin_axioms PyOrch.Layer.eval_against []
#pin_axioms PyOrch.Network.eval_against []
#pin_axioms PyOrch.Network.length_eval_against []
#pin_axioms PyOrch.Network.positive_against []
#pin_axioms PyOrch.Network.wins_of_margins []
#pin_axioms PyOrch.pos_of_marginPositive []
#pin_axioms PyOrch.pos_of_marginsPositive [propext]
#pin_axioms PyOrch.pos_of_marginsPositiveFor [propext]
#pin_axioms PyOrch.wins_of_checkClass [propext]
#pin_axioms PyOrch.sameClass_of_checkClass [propext]

/-! ## Soundness of certificates: `Net.ClassRefutation` -/

#pin_axioms PyOrch.le_of_allAtMost [propext]
#pin_axioms PyOrch.exists_of_isGreatest [propext]
#pin_axioms PyOrch.eq_of_wins_of_isGreatest [propext]
#pin_axioms PyOrch.not_sameClass_of_noClass [propext]
#pin_axioms PyOrch.not_sameClass_of_refutesClass [propext]

/-! ## Soundness of certificates: `Net.PackedSameClass` -/

#pin_axioms PyOrch.lane_pack []
#pin_axioms PyOrch.fill_eq_mul []
#pin_axioms PyOrch.digits_pack []
#pin_axioms PyOrch.zipWith_replicate_eq_map []
#pin_axioms PyOrch.againstColumn_spec [propext]
#pin_axioms PyOrch.consColumn_eq_zipWith []
#pin_axioms PyOrch.rowsOfColumns_against []
#pin_axioms PyOrch.PackedLayer.columns_against [propext]
#pin_axioms PyOrch.PackedLayer.signedColumns_map []
#pin_axioms PyOrch.PackedLayer.toLayer_against [propext]
#pin_axioms PyOrch.PackedNetwork.toNetwork_against [propext]
#pin_axioms PyOrch.PackedNetwork.positive_against []
#pin_axioms PyOrch.checkClass_of_packedCheckClass [propext]
#pin_axioms PyOrch.wins_of_packedCheckClass [propext]
